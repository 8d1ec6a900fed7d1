"""Use a metric alone, on frames in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import LvbenchError
from lvbench.features.base import Extractor, Features
from lvbench.features.registry import build as build_extractor
from lvbench.features.sound import SoundStream
from lvbench.features.stream import FeatureStream
from lvbench.metrics.base import Metric, VideoContext, raised_score
from lvbench.results.schema import ItemScore
from lvbench.video.frames import Frames, Planes, Products
from lvbench.video.presentation import Presentation, Survey
from lvbench.video.sound import Sound, as_float, audio_error, usual_channels

_CHUNK = 16


def score_array(
    metric: Metric[Any],
    frames: NDArray[np.uint8],
    *,
    fps: float,
    segment_seconds: float = 0.5,
    seams: Sequence[float] | None = None,
    cuts: Sequence[float] = (),
    prompts: Sequence[tuple[float, str]] = (),
    views: Sequence[str | None] = (),
    extractors: dict[str, Extractor] | None = None,
    sound: Sound | None = None,
    sounds: Sequence[float] | None = None,
    reference: NDArray[np.uint8] | None = None,
) -> ItemScore:
    """Return what `metric` says of one clip.

    Args:
        metric: The metric.
        frames: `uint8 (T, H, W, 3)` RGB.
        fps: Frames per second; frame `i` is shown at `i / fps` seconds.
        segment_seconds: Length of a segment.
        seams: Declared chunk boundaries in seconds; None to look for them.
        cuts: Declared cuts in seconds.
        prompts: Start in seconds and text of each prompt, in order.
        views: Name of the view that each prompt shows; None where it has none.
        extractors: Extractors by name; those of the metric with default parameters if left out.
        sound: The clip's sound; None for a clip without.
        sounds: Onsets in seconds of the sounds that were ordered; None where none were.
        reference: The real clip that it is held against, frame by frame, of the same shape.

    Raises:
        ValueError: `frames` is not `uint8 (T, H, W, 3)`, or `reference` not of its shape.
        MissingDependencyError: An extractor needs what is not installed.
    """
    if frames.ndim != 4 or frames.shape[3] != 3 or frames.dtype != np.uint8:
        raise ValueError(f"frames must be uint8 (T, H, W, 3), not {frames.dtype} {frames.shape}")
    if reference is not None and (reference.shape, reference.dtype) != (frames.shape, frames.dtype):
        raise ValueError(f"reference must be uint8 {frames.shape} too, not {reference.shape}")
    tools = extractors or {name: build_extractor(name) for name in metric.needs}
    products = Products()
    for tool in tools.values():
        tool.require()
        products |= tool.spec.products
    if products.reference and reference is None:
        detail = "there is no real video to hold it against"
        return ItemScore(status="not_applicable", code="no_reference", detail=detail)
    context = VideoContext(
        segment_seconds,
        fps,
        None if seams is None else tuple(seams),
        tuple(cuts),
        prompts=tuple(prompts),
        views=tuple(views),
        sounds=None if sounds is None else tuple(sounds),
    )
    context = replace(context, presentation=_presentation(frames, fps))
    state = metric.new_state(context)

    def consume(name: str, features: Features) -> None:
        if name in metric.needs:
            metric.update(state, {name: features})

    texts = [text for _, text in prompts]
    stream = FeatureStream(tools, fps, consume, None, texts, context.presentation)
    try:
        for start in range(0, len(frames), _CHUNK):
            part = slice(start, start + _CHUNK)
            chunk = _chunk(frames[part], start, fps, products)
            if products.reference and reference is not None:
                chunk = replace(chunk, reference=_chunk(reference[part], start, fps, products))
            stream.push(chunk)
        stream.finish()
        _hear(SoundStream(tools, consume), sound)
    except LvbenchError as error:
        return raised_score(error)
    finally:
        stream.close()
    return metric.item(state)


def as_sound(audio: NDArray[Any], rate: float) -> Sound:
    """Return samples in memory as sound that begins with the first frame.

    Args:
        audio: `(n,)` or `(n, channels)`, floats with full scale at -1 and 1 or signed integers;
            two channels are left and right, six are 5.1 in the order of WAV files.
        rate: Samples per second.

    Raises:
        ValueError: `audio` is of another shape or kind, or holds what is no number.
    """
    samples = np.asarray(audio)
    if samples.ndim == 1:
        samples = samples[:, None]
    if samples.ndim != 2 or samples.dtype.kind not in "fi" or not np.isfinite(samples).all():
        raise ValueError(f"audio must be numbers (n, channels), not {samples.dtype} {audio.shape}")
    if rate != round(rate) or rate <= 0:
        raise ValueError(f"rate must be a whole number of samples per second, not {rate}")
    count = samples.shape[1]
    floats = as_float(samples.T, count, planar=True)
    return Sound(0.0, round(rate), floats, usual_channels(count))


def _hear(stream: SoundStream, sound: Sound | None) -> None:
    if not stream.listens:
        return
    if sound is None:
        raise audio_error("no_audio", "the clip in memory", "no sound was given")
    stream.push(sound)
    stream.finish()


def _presentation(frames: NDArray[np.uint8], fps: float) -> Presentation:
    seen = Survey()
    for start in range(0, len(frames), _CHUNK):
        seen.add(_chunk(frames[start : start + _CHUNK], start, fps, Products(luma=True)))
    return seen.presentation(len(frames) / fps)


def _chunk(rgb: NDArray[np.uint8], start: int, fps: float, products: Products) -> Frames:
    """Make the products that a decoder would, from RGB in memory."""
    import cv2

    pts = (start + np.arange(len(rgb))) / fps
    luma = small = None
    if products.luma:
        luma = np.stack([cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in rgb])
    if products.small:
        height, width = rgb.shape[1:3]
        scale = min(1.0, products.small / max(height, width))
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        small = np.stack([cv2.resize(f, size, interpolation=cv2.INTER_AREA) for f in rgb])
    planes = None
    if products.planes:
        # What a source without coded planes gives: full-range BT.601.
        coded = np.stack([cv2.cvtColor(frame, cv2.COLOR_RGB2YCrCb) for frame in rgb])
        planes = Planes(coded[..., 0], coded[..., 2], coded[..., 1], 8)
    return Frames(pts, luma, small, rgb if products.rgb else None, planes=planes)
