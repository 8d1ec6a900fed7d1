"""Local descriptors: what an image network sees at every place of a picture, in luma alone."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.features.embeddings.image_encoder import LocalEncoder

Maps = list[NDArray[np.float32]]

LONG_SIDE = 448
"""Pixels of the longer side of the pictures that the networks read."""
_FEWEST = 4  # Pairs of cells of the shorter side.
_DARKEST = 24.0  # Levels of luma below which a colour is noise.
_OWN = 0.5  # Share of a cell in a region from which it counts.
_COLOUR = 1.0  # Weight of a half's mean colour; its mean descriptor has 1.
_RIDGE = 0.1
_GREY = 0.15  # Difference of a channel from luma, over luma, up to which a colour is weak.
# At a mean and a deviation near those of normalised pictures; black is 8 levels above nothing.
_LEVELS = (1.333 * np.log(np.arange(256) + 8.0) - 6.0).astype(np.float32)


def compressed(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the logarithm of luma, float32 `(n, h, w)`, -3.2 for black to 1.4 for white.

    A change of exposure adds a constant, to which the networks hardly react; colours are left out.
    Nothing in it depends on the rest of the picture.

    Args:
        pictures: RGB `uint8 (n, h, w, 3)`.
    """
    import cv2

    luma = np.stack([cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in pictures])
    return np.asarray(_LEVELS[luma], np.float32)


def colours(pictures: NDArray[np.uint8], rows: int, columns: int) -> NDArray[np.float32]:
    """Return the mean colour of each cell, RGB, float32 `(n, rows, columns, 3)`, 0 to 255.

    Args:
        pictures: RGB `uint8 (n, h, w, 3)`.
        rows: Of the grid.
        columns: Of the grid.
    """
    import cv2

    out = np.empty((len(pictures), rows, columns, 3), np.float32)
    for i, picture in enumerate(pictures):
        out[i] = cv2.resize(picture, (columns, rows), interpolation=cv2.INTER_AREA)
    return out


def hues(colours: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the direction of each colour, float32 `(..., 2)`.

    The length is 1 where there is a colour and falls to 0 for grey: neither exposure nor, unless
    the colours nearly vanish, saturation is part of it.

    Args:
        colours: RGB `(..., 3)`, 0 to 255.
    """
    luma = colours @ np.array((0.299, 0.587, 0.114), np.float32)
    opposed = np.stack([colours[..., 0] - luma, colours[..., 2] - luma], axis=-1)
    opposed /= np.maximum(luma, _DARKEST)[..., None]
    length = np.linalg.norm(opposed, axis=-1, keepdims=True)
    return np.asarray(opposed / np.maximum(length, _GREY), np.float32)


def grid_of(height: int, width: int, cell: int) -> tuple[int, int]:
    """Return rows and columns, both even, of the grid for pictures of a size.

    Args:
        height: Of a picture.
        width: Of a picture.
        cell: Pixels of the encoder's finest cells.
    """
    pairs = LONG_SIDE / (2 * cell * max(height, width))
    rows, columns = (2 * max(_FEWEST, round(side * pairs)) for side in (height, width))
    return rows, columns


def local_maps(encoder: LocalEncoder, pictures: NDArray[np.uint8]) -> Maps:
    """Return the encoder's maps, float32 `(n, rows, columns, d)` each, on one grid.

    Each is the sum of the picture's and its mirror image's: who turns round stays alike.

    Args:
        encoder: A network with `local` maps.
        pictures: RGB `uint8 (n, h, w, 3)`: a full batch of the network.
    """
    import cv2
    import torch

    rows, columns = grid_of(pictures.shape[1], pictures.shape[2], encoder.cell)
    height, width = rows * encoder.cell, columns * encoder.cell
    smaller = height < pictures.shape[1]
    how = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    seen = np.stack(
        [cv2.resize(luma, (width, height), interpolation=how) for luma in compressed(pictures)]
    )
    with torch.inference_mode():
        pixels = torch.from_numpy(seen).to(encoder.device)[:, None].expand(-1, 3, -1, -1)
        both = zip(
            *(encoder.local(encoder.network, p) for p in (pixels, pixels.flip(3))), strict=True
        )
        maps = [_on_grid(found + turned.flip(3), rows, columns) for found, turned in both]
    return [np.ascontiguousarray(found.permute(0, 2, 3, 1).float().cpu().numpy()) for found in maps]


def _on_grid(found: Any, rows: int, columns: int) -> Any:
    import torch

    if tuple(found.shape[2:]) == (rows, columns):
        return found
    return torch.nn.functional.interpolate(
        found, (rows, columns), mode="bilinear", align_corners=False
    )


def described(maps: Maps, centres: Maps, matrices: Maps | None = None) -> NDArray[np.float32]:
    """Return unit descriptors `(n, rows, columns, d)`: each map about its centre, of equal weight.

    Args:
        maps: What `local_maps` returns.
        centres: One vector for each map: what all places share sets none apart.
        matrices: One matrix for each map, by which it is multiplied.
    """
    parts = []
    for k, (found, centre) in enumerate(zip(maps, centres, strict=True)):
        about = found - centre if matrices is None else (found - centre) @ matrices[k]
        length = np.linalg.norm(about, axis=-1, keepdims=True)
        parts.append(about / np.maximum(length, 1e-6) / np.float32(np.sqrt(len(maps))))
    return np.concatenate(parts, axis=-1).astype(np.float32)


def centres_of(maps: Maps) -> Maps:
    """Return the mean vector of each map over pictures and places."""
    return [found.mean(axis=(0, 1, 2), dtype=np.float64).astype(np.float32) for found in maps]


def whitening_of(maps: Maps) -> Maps:
    """Return the matrix of each map that makes its channels of like size and uncorrelated.

    Without it all texture resembles all other texture, in pictures that are mostly plain. A tenth
    of the mean variance is added to each: the weakest channels are noise.
    """
    matrices = []
    for found in maps:
        rows = found.reshape(-1, found.shape[-1]).astype(np.float64)
        values, vectors = np.linalg.eigh(np.atleast_2d(np.cov(rows.T)))
        scale = np.sqrt(np.maximum(values, 0) + _RIDGE * max(float(values.mean()), 1e-12))
        matrices.append(((vectors / scale) @ vectors.T).astype(np.float32))
    return matrices


def region_vector(
    local: NDArray[np.float32], hue: NDArray[np.float32], region: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return one vector `(2 d + 4,)` of length 1 of a region: what its two halves consist of.

    The mean descriptor and the mean colour of the upper and of the lower half, as a body's upper
    and lower clothes differ; zeros without a region.

    Args:
        local: Unit descriptors `(h, w, d)`.
        hue: Direction of the colours, `(h, w, 2)`.
        region: Share of each cell in the region, `(h, w)`.
    """
    weight = np.where(region >= _OWN, region, 0.0)
    rows = np.cumsum(weight.sum(axis=1))
    if not rows[-1]:
        return np.zeros(2 * local.shape[-1] + 4, np.float32)
    middle = int(np.searchsorted(rows, rows[-1] / 2)) + 1
    seen, colours = [], []
    for half in (slice(0, middle), slice(middle, None)):
        share = weight[half, :, None]
        total = max(float(share.sum()), 1e-6)
        mean = (local[half] * share).sum(axis=(0, 1)) / total
        seen.append(mean / max(float(np.linalg.norm(mean)), 1e-6))
        colours.append(_COLOUR * (hue[half] * share).sum(axis=(0, 1)) / total)
    vector = np.concatenate(seen + colours)
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-6), np.float32)
