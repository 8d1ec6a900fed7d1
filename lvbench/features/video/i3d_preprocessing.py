"""From decoded frames to I3D's input, as each published implementation of FVD does it.

`tf1-legacy-224`: squash to 224x224 with TensorFlow 1's bilinear, anchored at the corner. As in
google-research/frechet_video_distance.

`half-pixel-224`: squash to 224x224, bilinear at pixel centres, no antialias. As in StyleGAN-V,
TATS, LVDM, TECO, FastVideo, and cd-FVD on arrays.

`shorter-side-centre-224`: shorter side to 224, the longer one rounded up, bilinear at pixel
centres, no antialias; then the centre is cropped. As in VideoGPT and in both methods of
common_metrics_on_video_quality.

`antialias-N-then-224`: shorter side to N with antialias, the centre cropped, truncated to uint8;
then as `half-pixel-224`. As in cd-FVD on files, where N is its resolution (128, 256).

`given-224`: no resize, frames of another size are refused. As in fvd-comparison.

Values then go from 0..255 to [-1, 1]. Whether that happens before or after the resize differs
between implementations, and changes no pixel by more than 4e-7. common_metrics' `videogpt` method
truncates its floats to uint8, which changes none that came from uint8.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import ConfigError

if TYPE_CHECKING:
    from torch import Tensor

IDS = (
    "tf1-legacy-224",
    "half-pixel-224",
    "shorter-side-centre-224",
    "antialias-N-then-224",
    "given-224",
)
FEWEST_FRAMES = 9
_SIDE = 224
_ANTIALIAS = re.compile(r"antialias-([1-9]\d*)-then-224")

Pixels = NDArray[np.float32]


def check_preprocessing(name: str) -> None:
    """Raise where there is no preprocessing of that name.

    Raises:
        ConfigError: There is none (`preprocessing_unknown`).
    """
    if name not in IDS[:3] and name != "given-224" and not _ANTIALIAS.fullmatch(name):
        raise ConfigError(
            "preprocess frames for I3D",
            found=f"no preprocessing '{name}'",
            where="the parameter 'preprocessing'",
            fix=f"one of: {', '.join(IDS)} (N a number of pixels)",
            code="preprocessing_unknown",
        )


def check_length(frames: int) -> None:
    """Refuse clips that are too short: after three halvings two positions in time must remain.

    Raises:
        ConfigError: Fewer than 9 frames (`too_few_frames`).
    """
    if frames < FEWEST_FRAMES:
        raise ConfigError(
            "run I3D on clips",
            found=f"{frames} frames in a clip",
            where="the clips",
            fix=f"give at least {FEWEST_FRAMES} frames",
            code="too_few_frames",
        )


def preprocess(frames: NDArray[np.uint8], name: str) -> Pixels:
    """Return frames as I3D reads them, float32 `(n, 224, 224, 3)` in [-1, 1].

    Args:
        frames: RGB, uint8 `(n, H, W, 3)`.
        name: One of `IDS`.

    Raises:
        ConfigError: There is no such preprocessing (`preprocessing_unknown`), or the frames have
            a size that it does not accept (`bad_shape`).
    """
    check_preprocessing(name)
    return np.concatenate([_one(frame[None], name) for frame in frames])


def _one(frame: NDArray[np.uint8], name: str) -> Pixels:
    if name == "given-224":
        resized = _given(frame)
    elif name == "tf1-legacy-224":
        resized = resize_tf1_legacy(frame, _SIDE, _SIDE)
    elif name == "half-pixel-224":
        resized = resize_half_pixel(frame, _SIDE, _SIDE)
    elif name == "shorter-side-centre-224":
        resized = _shorter_side_centre(frame, _SIDE)
    else:
        resized = _through_antialias(frame, int(name.split("-")[1]))
    return resized * np.float32(2 / 255) - np.float32(1)


def resize_tf1_legacy(frames: NDArray[np.generic], height: int, width: int) -> Pixels:
    """Resize as TensorFlow 1's `resize_bilinear` does without `align_corners`.

    Output pixel i is at input position `i * in / out`: there is no shift to pixel centres.

    Args:
        frames: `(n, H, W, C)` of any number type.
        height: Rows to make.
        width: Columns to make.

    Returns:
        float32 `(n, height, width, C)`.
    """
    above, below, down = _legacy_axis(frames.shape[1], height)
    left, right, across = _legacy_axis(frames.shape[2], width)
    across, down = across[:, None], down[:, None, None]

    def rows(index: NDArray[np.intp]) -> Pixels:
        taken = frames[:, index].astype(np.float32)
        lower = taken[:, :, left]
        return np.asarray(lower + (taken[:, :, right] - lower) * across, np.float32)

    top = rows(above)
    return np.asarray(top + (rows(below) - top) * down, np.float32)


def _legacy_axis(
    size: int, wanted: int
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    """Return for each output pixel the two inputs around it and the share of the second."""
    position = np.arange(wanted, dtype=np.float32) * (np.float32(size) / np.float32(wanted))
    lower = np.floor(position).astype(np.intp)
    share = np.asarray(position - lower, np.float32)
    return np.minimum(lower, size - 1), np.minimum(lower + 1, size - 1), share


def resize_half_pixel(
    frames: NDArray[np.generic], height: int, width: int, antialias: bool = False
) -> Pixels:
    """Resize bilinearly at pixel centres, as torch's `interpolate` and TensorFlow 2 do.

    Args:
        frames: `(n, H, W, C)` of any number type.
        height: Rows to make.
        width: Columns to make.
        antialias: Widen the filter where the picture shrinks.

    Returns:
        float32 `(n, height, width, C)`.
    """
    import torch
    from torch.nn import functional

    pictures: Tensor = torch.from_numpy(frames.astype(np.float32)).permute(0, 3, 1, 2)
    resized = functional.interpolate(
        pictures, (height, width), mode="bilinear", align_corners=False, antialias=antialias
    )
    return np.asarray(resized.permute(0, 2, 3, 1).numpy(), np.float32)


def _given(frame: NDArray[np.uint8]) -> Pixels:
    if frame.shape[1:3] != (_SIDE, _SIDE):
        raise ConfigError(
            "preprocess frames for I3D",
            found=f"frames of {frame.shape[2]}x{frame.shape[1]}",
            where="the preprocessing 'given-224'",
            fix="give frames of 224x224, or choose a preprocessing that resizes",
            code="bad_shape",
        )
    return frame.astype(np.float32)


def _shorter_side_centre(frame: NDArray[np.generic], side: int, antialias: bool = False) -> Pixels:
    """Scale the shorter side to `side` and crop the centre."""
    height, width = frame.shape[1:3]
    scale = side / min(height, width)
    if height < width:
        rows, columns = side, math.ceil(width * scale)
    else:
        rows, columns = math.ceil(height * scale), side
    resized = resize_half_pixel(frame, rows, columns, antialias)
    top, left = (rows - side) // 2, (columns - side) // 2
    return resized[:, top : top + side, left : left + side]


def _through_antialias(frame: NDArray[np.uint8], side: int) -> Pixels:
    """Shrink in [0, 1] and truncate: where the filter's weights sum to less than 1 by a rounding,
    a flat grey loses a level, so the order of these steps is part of the id.
    """  # noqa: D205
    shrunk = _shorter_side_centre(frame.astype(np.float32) / np.float32(255), side, antialias=True)
    truncated = (shrunk * np.float32(255)).astype(np.uint8)
    return resize_half_pixel(truncated, _SIDE, _SIDE)
