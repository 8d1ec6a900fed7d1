"""Use a metric alone, on frames in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import InputError, LvbenchError
from lvbench.features.audio.stream import AudioStream
from lvbench.features.base import Extractor, Features
from lvbench.features.registry import build as build_extractor
from lvbench.features.stream import FeatureStream
from lvbench.metrics.array_input import as_frames, as_rate, as_sample_rate, as_samples
from lvbench.metrics.base import Metric, VideoContext, raised_score
from lvbench.results.schema import ItemScore
from lvbench.video.audio.samples import AudioBlock, as_float, audio_error, usual_channels
from lvbench.video.frames import Frames, Planes, Products
from lvbench.video.timing.presentation import Presentation, Survey

_CHUNK = 16
NO_PICTURES = np.empty((0, 1, 1, 3), np.uint8)


def score_array(
    metric: Metric[Any],
    frames: Any,
    *,
    fps: float,
    segment_seconds: float = 0.5,
    seams: Sequence[float] | None = None,
    cuts: Sequence[float] = (),
    prompts: Sequence[tuple[float, str]] = (),
    views: Sequence[str | None] = (),
    extractors: dict[str, Extractor] | None = None,
    audio: AudioBlock | None = None,
    sounds: Sequence[float] | None = None,
    reference: Any = None,
) -> ItemScore:
    """Return what `metric` says of one clip.

    Args:
        metric: The metric.
        frames: `uint8 (T, H, W, 3)` RGB, or another form that `as_frames` takes; `NO_PICTURES` for
            sound alone.
        fps: Frames per second; frame `i` is shown at `i / fps` seconds.
        segment_seconds: Length of a segment.
        seams: Declared chunk boundaries in seconds; None to look for them.
        cuts: Declared cuts in seconds.
        prompts: Start in seconds and text of each prompt, in order.
        views: Name of the view that each prompt shows; None where it has none.
        extractors: Extractors by name; those of the metric with default parameters if left out.
        audio: The clip's sound; None for a clip without.
        sounds: Onsets in seconds of the sounds that were ordered; None where none were.
        reference: The real clip that it is held against, frame by frame, of the same shape.

    Raises:
        InputError: `frames` or `fps` is of a form that is not taken, or `reference` is not of the
            clip's shape.
        MissingDependencyError: An extractor needs what is not installed.
    """
    fps = as_rate(fps)
    clip = NO_PICTURES if frames is NO_PICTURES else as_frames(frames)
    real = None if reference is None else as_frames(reference, "reference")
    if real is not None and real.shape != clip.shape:
        raise InputError(
            "hold a clip against its reference",
            found=f"a clip of shape {clip.shape} and a reference of {real.shape}",
            where="the argument reference",
            fix="give both with the same frames and size",
        )
    tools = extractors or {name: build_extractor(name) for name in metric.needs}
    products = Products()
    for tool in tools.values():
        tool.require()
        products |= tool.spec.products
    if products.reference and real is None:
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
    context = replace(context, presentation=_presentation(clip, fps))
    state = metric.new_state(context)

    def consume(name: str, features: Features) -> None:
        if name in metric.needs:
            metric.update(state, {name: features})

    texts = [text for _, text in prompts]
    stream = FeatureStream(tools, fps, consume, None, texts, context.presentation)
    try:
        for start in range(0, len(clip), _CHUNK):
            part = slice(start, start + _CHUNK)
            chunk = _chunk(clip[part], start, fps, products)
            if products.reference and real is not None:
                chunk = replace(chunk, reference=_chunk(real[part], start, fps, products))
            stream.push(chunk)
        stream.finish()
        _hear(AudioStream(tools, consume), audio)
    except LvbenchError as error:
        return raised_score(error)
    finally:
        stream.close()
    return metric.item(state)


def as_audio(audio: Any, rate: Any) -> AudioBlock:
    """Return samples in memory as sound that begins with the first frame.

    Args:
        audio: `(n,)`, `(n, channels)` or `(channels, n)`, an array or a tensor, floats with full
            scale at -1 and 1 or signed integers; two channels are left and right, six are 5.1 in
            the order of WAV files.
        rate: Samples per second.

    Raises:
        InputError: `audio` is of another shape, kind or scale, or holds what is no number; or
            `rate` is not a whole number above 0.
    """
    samples = as_samples(audio)
    rate = as_sample_rate(rate)
    count = samples.shape[1]
    floats = as_float(samples.T, count, planar=True)
    return AudioBlock(0.0, rate, floats, usual_channels(count))


def _hear(stream: AudioStream, audio: AudioBlock | None) -> None:
    if not stream.listens:
        return
    if audio is None:
        raise audio_error("no_audio", "the clip in memory", "no sound was given")
    stream.push(audio)
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
