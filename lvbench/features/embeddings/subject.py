"""The subject, found by its motion, and local descriptors of the picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import ConfigError
from lvbench.features.base import Arrays, ExtractorSpec, Features, Windows, reduced_by_area
from lvbench.features.embeddings.image_encoder import LocalEncoder
from lvbench.features.embeddings.local import (
    Maps,
    centres_of,
    colours,
    described,
    hues,
    local_maps,
    region_vector,
    whitening_of,
)
from lvbench.features.flow.dis import DenseInverseSearchFlow
from lvbench.features.flow.moving_region import Mask, Motion, RegionTracker, moving_parts
from lvbench.features.network import NetworkExtractor, Place
from lvbench.video.frames import Frames, Products

Image = NDArray[np.uint8]

MOTION_RATE = 10.0
"""Frames per second between which motion is measured."""
_LONG_SIDE = 512  # Of the picture that the network reads.
_FLOW_SIDE = 256


class Subject(NetworkExtractor):
    """Follow the largest region that moves against the camera, and describe every place.

    At each sampled time the frame is compared with those a tenth of a second before and after
    (`lvbench.features.flow.moving_region`). The logarithm of the middle frame's luma goes to
    the encoder whole; its descriptors are those of the encoder's inner maps
    (`lvbench.features.embeddings.local`), about their mean over the first eight sampled
    times; the finer ones with uncorrelated channels.

    Arrays for `n` sampled times, which are those of the middle frames, on a grid of `(h, w)` cells,
    56 along the longer side with cells of 8 pixels:
        count: int64 `(n,)`: 1 where there is a subject.
        box: float32 `(n, 1, 4)`: left, top, right, bottom, as fractions of width and height.
        score: float32 `(n, 1)`: the region's share of the picture.
        embedding: float32 `(n, 1, k)`: the region's halves (`region_vector`), 0 without one.
        local: float32 `(n, h, w, d)`, of length 1: descriptors of the places by all maps but the
            coarsest, which hardly reach beyond their cell.
        places: float32 `(n, h, w, e)`, the same by all maps but the finest, which noise hardly
            reaches.
        hue: float32 `(n, h, w, 2)`: direction of their colours, shorter for grey.
        colour: float32 `(n, h, w, 3)`: their mean colours, RGB, 0 to 255.
        region: float32 `(n, h, w)`: share of each cell in the region.
        moves: float32 `(n, h, w)`: share of each cell that moves against the camera.
        moving: float64 `(n,)`: share of the picture that moves against the camera.
        camera: float64 `(n, 4)`, per second: how the content moves right and down (widths,
            heights), grows (logarithm) and turns clockwise (radians).
        explained: float64 `(n,)`: share of the picture that the camera's motion explains.

    Args:
        encoder: Registry name of the image encoder; its weights are this extractor's.
        rate: Sampled times per second, at most 3.

    Raises:
        ConfigError: The encoder has no inner maps, or the rate is out of range.
        VideoDecodeError: A side is shorter than 12 pixels after reduction (code `too_small`).
    """

    def __init__(self, encoder: str = "mobilenet_v2", rate: float = 2.0) -> None:
        from lvbench.features.registry import build

        network = build(encoder)
        if not isinstance(network, LocalEncoder) or not 0 < rate <= 3:
            raise ConfigError(
                "set up the extractor 'subject'",
                found=f"encoder={encoder!r}, rate={rate}",
                where="its parameters",
                fix="an image encoder with inner maps such as mobilenet_v2, squeezenet1_1 or "
                "dinov2_vits14, and a rate above 0 and up to 3",
            )
        self._encoder = network
        self._flow = DenseInverseSearchFlow(_FLOW_SIDE)
        self.weights = network.weights
        self.modules = network.modules
        self.spec = ExtractorSpec(
            name="subject",
            version=1,
            products=Products(rgb=True),
            preprocessing=f"rgb-area-{_LONG_SIDE}-log-luma-{encoder}",
            sampling="windows",
            batch=network.spec.batch,
            parameters={"encoder": encoder, "rate": rate},
            rate=MOTION_RATE,
            windows=Windows(length=3, every=1 / rate),
        )

    def attach(self, place: Place) -> None:
        """Find the encoder's weights."""
        self._encoder.attach(place)
        checksum = self._encoder.spec.weights_sha256
        self.spec = replace(self.spec, weights_sha256=checksum)

    @property
    def network(self) -> Any:
        """Return the encoder's network."""
        return self._encoder.network

    def load(self, files: dict[str, Path], device: str) -> Any:
        """Return the encoder's network."""
        return self._encoder.load(files, device)

    def pixels(self, frames: Frames) -> Image:
        """Return RGB of at most 512 pixels' longest side, `uint8 (n, h, w, 3)`."""
        assert frames.rgb is not None
        return reduced_by_area(frames.rgb, _LONG_SIDE)

    def encode(self, batch: NDArray[Any]) -> Arrays:
        """Return the maps of a full batch of pictures, finest first, as `0`, `1`, ..."""
        return {str(k): found for k, found in enumerate(local_maps(self._encoder, batch))}

    def __call__(self, frames: Frames) -> Arrays:
        """Return the arrays of a block as of a complete video."""
        return dict(self.start(None)(frames).values)

    def start(self, fps: float | None, prompts: Sequence[str] = ()) -> Callable[[Frames], Features]:
        """Return the follower of one video."""
        follower = Follower(self._flow)
        centres: Maps = []
        matrices: Maps = []

        def extract(frames: Frames) -> Features:
            pictures = frames if frames.prepared is not None else self.prepare(frames)
            assert pictures.prepared is not None
            seen = [
                follower.see(pictures.pts[i : i + 3], pictures.prepared[i : i + 3])
                for i in range(0, len(pictures), 3)
            ]
            maps = self._maps([one.picture for one in seen])
            if not centres:
                centres.extend(centres_of(maps))
                matrices.extend(whitening_of(maps))
            return Features(pictures.pts[1::3], _arrays(seen, maps, centres, matrices))

        return extract

    def _maps(self, pictures: list[Image]) -> Maps:
        """Return the maps of at most a batch of pictures, padded to the full one."""
        missing = self.spec.batch - len(pictures)
        found = self.encode(np.stack(pictures + pictures[-1:] * missing))
        return [found[str(k)][: len(pictures)] for k in range(len(found))]


def _arrays(seen: list[Seen], maps: Maps, centres: Maps, matrices: Maps) -> Arrays:
    fine, coarse = (slice(None, -1), slice(1, None)) if len(maps) > 1 else (slice(None),) * 2
    local = described(maps[fine], centres[fine], matrices[fine])
    boxes = [(0.0,) * 4 if one.region is None else box_of(one.region) for one in seen]
    score = [0.0 if one.region is None else one.region.mean() for one in seen]
    grid = (local.shape[1], local.shape[2])
    colour = colours(np.stack([one.picture for one in seen]), *grid)
    hue = hues(colour)
    region = np.stack([_shares(one.region, grid) for one in seen])
    vectors = [region_vector(*three) for three in zip(local, hue, region, strict=True)]
    return {
        "count": np.array([one.region is not None for one in seen], np.int64),
        "box": np.asarray(boxes, np.float32)[:, None],
        "score": np.asarray(score, np.float32)[:, None],
        "embedding": np.stack(vectors)[:, None],
        "local": local,
        "places": described(maps[coarse], centres[coarse]),
        "hue": hue,
        "colour": colour,
        "region": region,
        "moves": np.stack([_shares(one.motion.mask, grid) for one in seen]),
        "moving": np.array([one.motion.mask.mean() for one in seen]),
        "camera": np.array([one.camera for one in seen]),
        "explained": np.array([one.motion.explained for one in seen]),
    }


def _shares(mask: Mask | None, grid: tuple[int, int]) -> NDArray[np.float32]:
    """Return the share of a mask in each cell of a grid."""
    import cv2

    if mask is None:
        return np.zeros(grid, np.float32)
    area = cv2.resize(mask.astype(np.float32), grid[::-1], interpolation=cv2.INTER_AREA)
    return np.asarray(area, np.float32)


@dataclass(frozen=True, slots=True)
class Seen:
    """One sampled time.

    Attributes:
        picture: The middle frame, RGB.
        region: The subject in it, smaller; None where there is none.
        motion: What moves against the camera.
        camera: The camera's motion per second: right, down, growth, turn.
    """

    picture: Image
    region: Mask | None
    motion: Motion
    camera: tuple[float, float, float, float]


class Follower:
    """Follow the region through one video; the state is a picture and two masks."""

    def __init__(self, flow: DenseInverseSearchFlow) -> None:
        self._flow = flow
        self._tracker = RegionTracker()
        self._last: Image | None = None

    def see(self, pts: NDArray[np.float64], pictures: Image) -> Seen:
        """Take three frames; return the region and motion of the middle one."""
        import cv2

        luma = np.stack([cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in pictures])
        found = self._flow(Frames(pts, luma=luma))
        before, after = np.diff(pts)
        motion = moving_parts(
            found["gray"],
            (found["backward"][0], found["forward"][1]),
            (found["consistent_backward"][0], found["consistent"][1]),
            (float(before), float(after)),
        )
        back = consistent = None
        if self._last is not None:
            since = self._flow(Frames(np.arange(2.0), luma=np.stack([self._last, luma[1]])))
            back, consistent = since["backward"][0], since["consistent_backward"][0]
        self._last = luma[1]
        region = self._tracker.update(motion.mask, pictures[1], back, consistent)
        camera = motion.camera
        moved = (*camera.translation, camera.zoom, camera.rotation)
        a, b, c, d = (float(part / after) for part in moved)
        return Seen(pictures[1], region, motion, (a, b, c, d))


def box_of(region: Mask) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of a region, as fractions of width and height."""
    rows, columns = np.flatnonzero(region.any(axis=1)), np.flatnonzero(region.any(axis=0))
    height, width = region.shape
    left, right = columns[0] / width, (columns[-1] + 1) / width
    return float(left), float(rows[0] / height), float(right), float((rows[-1] + 1) / height)
