"""Convert the output of a model to frames, by inspecting its type and shape."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

SLICE_FRAMES = 16
_SLACK = 0.02  # tolerated overshoot of decoders, which is clipped


def slices(video: object, length: int = SLICE_FRAMES) -> Iterator[NDArray[np.uint8]]:
    """Yield a clip in slices, `uint8 (T, H, W, 3)` RGB, converting one slice at a time.

    Args:
        video: `(T, H, W, 3)`, `(T, 3, H, W)` or `(3, T, H, W)`, or a batch of one such clip, as a
            numpy array or a torch tensor, uint8 or floats in [0, 1]; or a list of pictures (PIL,
            or arrays `(H, W, 3)`), or a list of one such list.
        length: Frames in a slice.

    Raises:
        ValueError: The type, shape or range of values is not supported.
    """
    frames = _sequence(video)
    for start in range(0, len(frames), length):
        yield _bytes(_stacked(frames[start : start + length]))


def count(video: object) -> int:
    """Return the number of frames of a clip."""
    return len(_sequence(video))


def _sequence(video: object) -> Any:
    """Return the clip as a sequence of frames that can be sliced."""
    if isinstance(video, list | tuple):
        if len(video) == 1 and _is_clip(video[0]):
            return _sequence(video[0])
        return cast("Sequence[Any]", video)
    if not hasattr(video, "ndim") or not hasattr(video, "shape"):
        raise ValueError(f"{type(video).__name__} is not a video")
    array: Any = video
    if array.ndim == 5:
        if array.shape[0] != 1:
            raise ValueError(f"a batch of {array.shape[0]} clips where one was requested")
        array = array[0]
    if array.ndim != 4:
        raise ValueError(f"an array of shape {tuple(array.shape)} is not a video")
    if array.shape[-1] == 3 or array.shape[1] == 3:
        return array
    if array.shape[0] == 3:
        return array.swapaxes(0, 1)
    raise ValueError(f"an array of shape {tuple(array.shape)} has no axis of three colours")


def _is_clip(item: object) -> bool:
    return isinstance(item, list | tuple) or getattr(item, "ndim", 0) >= 4


def _stacked(frames: Any) -> NDArray[Any]:
    """Return frames as one array with the colours last."""
    if isinstance(frames, list | tuple):
        frames = np.stack([_picture(frame) for frame in frames])
    elif not isinstance(frames, np.ndarray):
        # bfloat16 has no counterpart in numpy.
        tensor = frames.detach()
        frames = (tensor.float() if tensor.is_floating_point() else tensor).cpu().numpy()
    if frames.ndim == 4 and frames.shape[-1] != 3 and frames.shape[1] == 3:
        frames = np.moveaxis(frames, 1, -1)
    if frames.ndim != 4 or frames.shape[-1] != 3:
        raise ValueError(f"frames of shape {frames.shape[1:]} are not RGB pictures")
    return cast("NDArray[Any]", frames)


def _picture(frame: Any) -> NDArray[Any]:
    """Return one frame of a list as an array."""
    if hasattr(frame, "convert"):
        return np.asarray(frame.convert("RGB"))
    if hasattr(frame, "detach"):
        return np.asarray(_stacked(frame[None])[0])
    return np.asarray(frame)


def _bytes(frames: NDArray[Any]) -> NDArray[np.uint8]:
    """Return pixels in 8 bits, rounded to nearest."""
    if frames.dtype == np.uint8:
        return np.ascontiguousarray(frames)
    if frames.dtype.kind != "f":
        raise ValueError(f"pixels of type {frames.dtype}; supported are uint8 and floats in [0, 1]")
    low, high = float(frames.min()), float(frames.max())
    # A comparison with NaN is false.
    if not (low >= -_SLACK and high <= 1 + _SLACK):
        raise ValueError(f"pixels from {low:g} to {high:g}; floats must be in [0, 1]")
    scaled = np.rint(frames * np.float32(255))
    return np.ascontiguousarray(np.clip(scaled, 0, 255).astype(np.uint8))
