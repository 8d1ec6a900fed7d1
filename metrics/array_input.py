"""Convert clips and audio in memory from the formats of common libraries, or reject them."""

from __future__ import annotations

import numbers
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import InputError


class Array(Protocol):
    """A numpy array or a torch tensor."""

    @property
    def shape(self) -> Any:
        """Return the lengths of its axes."""

    def __getitem__(self, index: Any, /) -> Any: ...

    def __iter__(self) -> Iterator[Any]: ...


Clip = Array | Sequence[Any]
"""One clip in memory, in any form that `as_frames` takes."""

_MOST_CHANNELS = 8
_LOUDEST = 1.5  # of full scale: decoders overshoot a little, samples in another scale by far


def as_frames(frames: Clip, name: str = "frames") -> NDArray[np.uint8]:
    """Return one clip as `uint8 (T, H, W, 3)` RGB.

    Args:
        frames: A numpy array or torch tensor, or a list of frames: PIL images in mode RGB, arrays
            or tensors. Colour is the last axis, or the one before height and width where only that
            one has length 3. Values are uint8, or floats in [0, 1], which become `round(255 x)`.
        name: Name of the argument, for errors.

    Raises:
        InputError: It is none of these.
    """
    if isinstance(frames, list | tuple):
        return _stacked([_picture(frame, f"{name}[{i}]") for i, frame in enumerate(frames)], name)
    return _clip(_array(frames, name), name)


def as_videos(videos: Any, name: str) -> NDArray[Any]:
    """Return a set of clips of one size and length as `uint8 (N, T, H, W, 3)` RGB.

    Args:
        videos: An array or tensor of five axes, or a list of clips that `as_frames` takes, of
            bytes only. Arrays of other types and shapes come back unchanged: their reader
            states why it rejects them.
        name: Name of the argument, for errors.

    Raises:
        InputError: It is neither, or the clips differ in size or length.
    """
    if isinstance(videos, list | tuple):
        clips = [one if isinstance(one, list | tuple) else _array(one, name) for one in videos]
        other = [one for one in clips if not isinstance(one, list | tuple) and _other(one)]
        if other:
            return np.asarray(other[0][None])
        return _stacked([as_frames(one, f"{name}[{i}]") for i, one in enumerate(clips)], name)
    array = _array(videos, name)
    if _other(array) or array.ndim != 5 or not array.size or array.shape[4] == 3 != array.shape[2]:
        return array
    return np.stack([_clip(clip, f"{name}[{i}]") for i, clip in enumerate(array)])


def _other(array: NDArray[Any]) -> bool:
    return array.dtype != np.uint8


def as_rate(fps: Any) -> float:
    """Return frames per second as a positive, finite number.

    Raises:
        InputError: It is not one.
    """
    number = isinstance(fps, numbers.Real) and not isinstance(fps, bool | np.bool_)
    if not number or not 0 < float(fps) < float("inf"):
        raise _refused("fps", repr(fps), "give frames per second, a number above 0, such as 24")
    return float(fps)


def as_sample_rate(rate: Any) -> int:
    """Return samples per second as an integer above 0.

    Raises:
        InputError: It is not one.
    """
    number = isinstance(rate, numbers.Real) and not isinstance(rate, bool | np.bool_)
    if not number or not 0 < rate < float("inf") or rate != round(rate):
        found = f"{rate!r} samples per second"
        raise _refused("rate", found, "give a whole number above 0, such as 48000")
    return int(rate)


def as_samples(audio: Any) -> NDArray[Any]:
    """Return audio as `(n, channels)`, floats with full scale at -1 and 1 or signed integers.

    Args:
        audio: A numpy array or torch tensor, `(n,)`, `(n, channels)` or `(channels, n)`, of at
            most 8 channels.

    Raises:
        InputError: It is of another shape, kind or scale.
    """
    samples = _array(audio, "audio")
    if samples.dtype.kind not in "fi":
        raise _refused(
            "audio", f"values of type {samples.dtype}", "give floats in [-1, 1] or signed integers"
        )
    if samples.ndim == 1:
        samples = samples[:, None]
    few = [0 < length <= _MOST_CHANNELS for length in samples.shape]
    if samples.ndim != 2 or not any(few) or (all(few) and samples.shape[1] > 1):
        fix = f"give (n,), (n, channels) or (channels, n), with at most {_MOST_CHANNELS} channels"
        raise _refused("audio", _shape(samples), fix)
    if not few[1]:
        samples = samples.T
    if samples.dtype.kind == "f":
        _check_scale(samples)
    return samples


def _check_scale(samples: NDArray[Any]) -> None:
    peak = float(np.abs(samples).max(initial=0.0))
    if not np.isfinite(peak):
        raise _refused("audio", "samples that are NaN or infinite", "replace them, or cut them off")
    if peak > _LOUDEST:
        raise _refused(
            "audio",
            f"floats up to {peak:g}, where full scale is 1",
            "divide by the largest value of their scale (32768 for 16 bits), or give integers",
        )


def _array(given: Any, name: str) -> NDArray[Any]:
    """Return what is given as a numpy array; torch is not imported for it."""
    if isinstance(given, np.ndarray):
        return given
    if hasattr(given, "detach") and hasattr(given, "cpu"):
        tensor = given.detach().cpu()
        # numpy knows no bfloat16.
        return np.asarray((tensor.float() if "bfloat16" in str(tensor.dtype) else tensor).numpy())
    if hasattr(given, "__array__") and hasattr(given, "shape"):
        return np.asarray(given)
    if isinstance(given, list | tuple) and given and isinstance(given[0], numbers.Real):
        return np.asarray(given)
    hint = "give a numpy array, a torch tensor, or a list of frames"
    if isinstance(given, str | bytes) or hasattr(given, "__fspath__"):
        hint = "for a file run 'lvbench evaluate', or read its frames first"
    elif hasattr(given, "__next__"):
        hint = f"make a list of it: list({name})"
    elif hasattr(given, "convert"):
        hint = "one picture is no clip: give a list of them"
    raise _refused(name, f"a value of type {type(given).__name__}", hint)


def _picture(frame: Any, name: str) -> NDArray[np.uint8]:
    """Return one frame of a list as `uint8 (H, W, 3)`."""
    mode = getattr(frame, "mode", None)
    if mode is not None and hasattr(frame, "convert"):
        if mode != "RGB":
            raise _refused(name, f"a picture in mode {mode}", "convert it first: .convert('RGB')")
        frame = np.asarray(frame)
    if isinstance(frame, list | tuple):
        raise _refused(name, "a list within a list", "give one clip: frames[0]")
    array = _array(frame, name)
    if array.ndim != 3:
        raise _refused(name, _shape(array), "give each frame as (H, W, 3)")
    picture: NDArray[np.uint8] = _clip(array[None], name)[0]
    return picture


def _stacked(parts: list[NDArray[np.uint8]], name: str) -> NDArray[np.uint8]:
    if not parts:
        raise _refused(name, "an empty list", "give at least one")
    for index, part in enumerate(parts):
        if part.shape != parts[0].shape:
            found = f"{name}[{index}] of shape {part.shape} after {parts[0].shape}"
            raise _refused(name, found, "give all of one size and length")
    return np.stack(parts)


def _clip(array: NDArray[Any], name: str) -> NDArray[np.uint8]:
    """Return an array of four axes as `uint8 (T, H, W, 3)`."""
    _check_shape(array, name)
    if array.shape[3] != 3:
        array = np.moveaxis(array, 1, 3)
    if array.dtype == np.uint8:
        return np.ascontiguousarray(array)
    if array.dtype.kind != "f":
        raise _refused(name, f"values of type {array.dtype}", "give uint8, or floats in [0, 1]")
    low, high = float(array.min()), float(array.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        raise _refused(name, "values that are NaN or infinite", "find out where they come from")
    if low < 0 or high > 1:
        fix = "divide by 255" if low >= 0 else "for [-1, 1] give (x + 1) / 2"
        raise _refused(
            name, f"floats from {low:g} to {high:g}", f"give uint8, or floats in [0, 1]: {fix}"
        )
    out = np.empty(array.shape, np.uint8)
    for i, frame in enumerate(array):  # one at a time: the clip may be large
        out[i] = np.rint(frame.astype(np.float64) * 255)
    return out


def _check_shape(array: NDArray[Any], name: str) -> None:
    wanted = "give (T, H, W, 3) or (T, 3, H, W)"
    if array.ndim == 5:
        raise _refused(name, _shape(array), f"{wanted}: one clip of a batch is {name}[0]")
    if array.ndim == 4 and 0 in array.shape:
        raise _refused(name, f"no pixel: {_shape(array)}", "give at least one frame of one pixel")
    last, second = array.ndim == 4 and array.shape[3] == 3, array.ndim == 4 and array.shape[1] == 3
    if last and second:
        fix = "either axis may be the colour: give frames of more than 3 rows as (T, H, W, 3)"
        raise _refused(name, _shape(array), fix)
    if last or second:
        return
    hints = {
        array.ndim == 3: "a grey clip is np.repeat(x[..., None], 3, axis=3)",
        array.ndim == 3 and array.shape[2] == 3: f"one picture is {name}[None]",
        array.ndim == 4 and array.shape[3] == 4: f"drop the alpha channel: {name}[..., :3]",
        array.ndim == 4 and array.shape[1] == 4: f"drop the alpha channel: {name}[:, :3]",
        array.ndim == 4 and array.shape[0] == 3: "from (3, T, H, W): x.transpose(1, 2, 3, 0)",
    }
    hint = hints.get(True)
    raise _refused(name, _shape(array), f"{wanted}: {hint}" if hint else wanted)


def _shape(array: NDArray[Any]) -> str:
    return f"{array.dtype} of shape {array.shape}"


def _refused(name: str, found: str, fix: str) -> InputError:
    return InputError(f"take {name}", found=found, where=f"the argument {name}", fix=fix)
