"""Use a metric alone, on data in memory: `lvbench.score`, and one function for every metric."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, fields, replace
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import InputError, LvbenchError
from lvbench.features.audio.stream import AudioStream
from lvbench.features.base import Extractor, Features
from lvbench.features.registry import load
from lvbench.features.stream import FeatureStream
from lvbench.metrics.array_input import as_frames, as_rate, as_sample_rate, as_samples
from lvbench.metrics.base import Metric, VideoContext, raised_score
from lvbench.metrics.function_docs import described, section_of
from lvbench.metrics.registry import METRICS
from lvbench.results.schema import ItemScore
from lvbench.video.audio.samples import AudioBlock, as_float, audio_error, usual_channels
from lvbench.video.frames import Frames, Planes, Products
from lvbench.video.timing.presentation import Presentation, Survey

_CHUNK = 16


@dataclass(frozen=True, slots=True)
class Inputs:
    """Inputs of a clip in addition to its frames; a metric ignores those that it does not read.

    Attributes:
        segment_seconds: Length of a segment of the series.
        original: The paired real clip, of the same shape.
        audio: `(n,)`, `(n, channels)` or `(channels, n)`, floats with full scale at -1 and 1 or
            signed integers, from the first frame on.
        rate: Samples of `audio` per second.
        seams: Declared chunk boundaries in seconds; None to look for them.
        cuts: Declared cuts in seconds.
        prompts: Start in seconds and text of each prompt, in order.
        views: Name of the view that each prompt shows; None where it has none.
        sounds: Onsets in seconds of the ordered sounds; None where none were ordered.
        extractors: By name, a ready extractor (`lvbench.features.load`), or its parameters.
        weights: Weights of networks, a file or a folder; the cache if left out.
        device: Where networks run.
    """

    segment_seconds: float = 0.5
    original: Any = None
    audio: Any = None
    rate: float | None = None
    seams: Sequence[float] | None = None
    cuts: Sequence[float] = ()
    prompts: Sequence[tuple[float, str]] = ()
    views: Sequence[str | None] = ()
    sounds: Sequence[float] | None = None
    extractors: Mapping[str, Extractor | Mapping[str, Any]] | None = None
    weights: str | Path | None = None
    device: str = "cpu"


def score(metric: str, *inputs: Any, **options: Any) -> Any:
    """Return the score of data in memory by a metric: `lvbench.metrics.NAME(*inputs, **options)`.

    Args:
        metric: Name of the metric; `lvbench list metrics` lists all.
        *inputs: A clip, `uint8 (T, H, W, 3)` RGB, and its frames per second; for a distance
            between sets the real videos and the videos to score.
        **options: Other inputs (`original`, `audio`, `prompts`, ...; see `Inputs`) and the metric's
            own parameters; `help(lvbench.metrics.NAME)` lists both.

    Returns:
        An `ItemScore`: value, components, series and events, or the status and code that state why
        there is no value. Of a distance between sets a `SetResult`.

    Raises:
        RegistryError: There is no metric of that name.
        InputError: An input is of a form that is not taken.
        WeightsError: The weights of a network are missing.

    Example:
        >>> import lvbench, numpy as np
        >>> still = np.zeros((48, 64, 96, 3), np.uint8)
        >>> lvbench.score("freeze", still, fps=24).value
        1.0
    """
    return metric_function(metric)(*inputs, **options)


@cache
def metric_function(name: str) -> Callable[..., Any]:
    """Return the function on arrays of a metric: its file's own, else one made from its class.

    Raises:
        RegistryError: There is no metric of that name.
        InputError: The metric reads what cannot be given in memory.
    """
    kind = METRICS.get(name)
    own = vars(import_module(kind.__module__)).get(name)
    if callable(own):
        function: Callable[..., Any] = own
        return function
    if issubclass(kind, Metric):
        return _video_function(name, kind)
    from lvbench.metrics.common.set_comparison import DistanceMetric
    from lvbench.metrics.set_functional import distance_function

    if issubclass(kind, DistanceMetric):
        return distance_function(name, kind)
    raise InputError(
        f"score data in memory by '{name}'",
        found="it has no function on arrays",
        where=kind.__module__,
        fix=f"write a function {name} in that module",
    )


def _video_function(name: str, kind: type[Metric[Any]]) -> Callable[..., ItemScore]:
    known = {one.name for one in fields(Inputs)}

    def function(frames: Any = None, fps: Any = None, **options: Any) -> ItemScore:
        given = {key: value for key, value in options.items() if key in known}
        parameters = {key: value for key, value in options.items() if key not in known}
        return score_array(kind(**parameters), frames, fps, **given)

    first = list(inspect.signature(function).parameters.values())[:2]
    inputs = inspect.signature(Inputs).parameters.values()
    about = "frames: `uint8 (T, H, W, 3)` RGB.\n    fps: Frames per second.\n"
    about += section_of(Inputs, "Attributes")
    described(function, name, kind, [*first, *inputs], about, _example(name, kind))
    return function


def _example(name: str, kind: type[Metric[Any]]) -> list[str]:
    """Return lines that score a rendered clip by the metric."""
    group, more = kind.info.group, ""
    lines = [
        "import numpy as np",
        f"from lvbench.metrics import {name}",
        "from lvbench.world.clip import render_clip",
        "frames = np.concatenate(list(render_clip(8.0, 8.0, 96, 64, 1)))",
    ]
    if group == "audio":
        lines.append("audio = np.sin(np.arange(8 * 16_000) / 20)")
        more = ", audio=audio, rate=16_000"
    elif group == "paired":
        more = ", original=frames"
    elif name.startswith("world_"):
        prompt = "scene=meadow; cast=red solid disc; camera=still; light=noon"
        more = f', prompts=[(0.0, "{prompt}")]'
    elif group == "text":
        more = ', prompts=[(0.0, "a meadow")]'
    return [*lines, f"score = {name}(frames, fps=8{more})"]


def score_array(
    metric: Metric[Any], frames: Any = None, fps: Any = None, **inputs: Any
) -> ItemScore:
    """Return the score of one clip by `metric`.

    Args:
        metric: The metric.
        frames: `uint8 (T, H, W, 3)` RGB, or another form that `as_frames` takes; None for a
            metric of audio alone.
        fps: Frames per second; frame `i` is shown at `i / fps` seconds.
        **inputs: The fields of `Inputs`.

    Raises:
        InputError: An input is of a form that is not taken, or `original` is not of the clip's
            shape.
        MissingDependencyError: An extractor needs what is not installed.
        WeightsError: The weights of an extractor are missing.
    """
    given = Inputs(**inputs)
    clip, fps = _clip(frames, fps, given)
    original, audio = _original(given.original, clip), _audio(given)
    tools = {name: _tool(name, given) for name in metric.needs}
    products = Products()
    for tool in tools.values():
        products |= tool.spec.products
    if frames is None and products != Products():
        raise _missing("frames", f"{metric.key} reads pictures")
    if products.reference and original is None:
        detail = "there is no paired original to compare it with"
        return ItemScore(status="not_applicable", code="no_reference", detail=detail)
    context = _context(clip, fps, given)
    state = metric.new_state(context)

    def consume(name: str, features: Features) -> None:
        if name in metric.needs:
            metric.update(state, {name: features})

    texts = [text for _, text in given.prompts]
    stream = FeatureStream(tools, fps, consume, None, texts, context.presentation)
    try:
        with closing(stream):
            for chunk in _chunks(clip, fps, products, original):
                stream.push(chunk)
            stream.finish()
            _hear(AudioStream(tools, consume), audio)
    except LvbenchError as error:
        return raised_score(error)
    return metric.item(state)


def _clip(frames: Any, fps: Any, given: Inputs) -> tuple[NDArray[np.uint8], float]:
    if frames is None:
        if given.audio is None:
            raise _missing("frames", "neither frames nor audio were given")
        return np.empty((0, 1, 1, 3), np.uint8), 1.0
    fps = as_rate(fps)
    return as_frames(frames), fps


def _original(original: Any, clip: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    if original is None:
        return None
    real = as_frames(original, "original")
    if real.shape != clip.shape:
        raise InputError(
            "compare a clip with its original",
            found=f"a clip of shape {clip.shape} and an original of {real.shape}",
            where="the argument original",
            fix="give both with the same frames and size",
        )
    return real


def _tool(name: str, given: Inputs) -> Extractor:
    found = (given.extractors or {}).get(name, {})
    if isinstance(found, Extractor):
        found.require()
        return found
    return load(name, given.weights, given.device, **found)


def _context(clip: NDArray[np.uint8], fps: float, given: Inputs) -> VideoContext:
    if given.views and len(given.views) != len(given.prompts):
        raise InputError(
            "take views",
            found=f"{len(given.prompts)} prompts and {len(given.views)} views",
            where="the argument views",
            fix="give one view for each prompt, None where it has none",
        )
    return VideoContext(
        given.segment_seconds,
        fps,
        None if given.seams is None else tuple(given.seams),
        tuple(given.cuts),
        prompts=tuple(given.prompts),
        views=tuple(given.views),
        sounds=None if given.sounds is None else tuple(given.sounds),
        presentation=_presentation(clip, fps),
    )


def _missing(name: str, found: str) -> InputError:
    return InputError(f"take {name}", found=found, where=f"the argument {name}", fix=f"give {name}")


def as_audio(audio: Any, rate: Any) -> AudioBlock:
    """Return samples in memory as audio that begins with the first frame.

    Args:
        audio: `(n,)`, `(n, channels)` or `(channels, n)`, an array or a tensor, floats with full
            scale at -1 and 1 or signed integers; two channels are left and right, six are 5.1 in
            the order of WAV files.
        rate: Samples per second.

    Raises:
        InputError: `audio` is of another shape, kind or scale, or has a value that is no number;
            or `rate` is not a whole number above 0.
    """
    samples = as_samples(audio)
    rate = as_sample_rate(rate)
    count = samples.shape[1]
    floats = as_float(samples.T, count, planar=True)
    return AudioBlock(0.0, rate, floats, usual_channels(count))


def _audio(given: Inputs) -> AudioBlock | None:
    if given.audio is None or isinstance(given.audio, AudioBlock):
        return given.audio
    return as_audio(given.audio, given.rate)


def _hear(stream: AudioStream, audio: AudioBlock | None) -> None:
    if not stream.listens:
        return
    if audio is None:
        raise audio_error("no_audio", "the clip in memory", "no audio was given")
    stream.push(audio)
    stream.finish()


def _presentation(frames: NDArray[np.uint8], fps: float) -> Presentation:
    seen = Survey()
    for chunk in _chunks(frames, fps, Products(luma=True), None):
        seen.add(chunk)
    return seen.presentation(len(frames) / fps)


def _chunks(
    frames: NDArray[np.uint8], fps: float, products: Products, original: NDArray[np.uint8] | None
) -> Iterator[Frames]:
    for start in range(0, len(frames), _CHUNK):
        part = slice(start, start + _CHUNK)
        chunk = _chunk(frames[part], start, fps, products)
        if products.reference and original is not None:
            chunk = replace(chunk, reference=_chunk(original[part], start, fps, products))
        yield chunk


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
        # A source without coded planes gives full-range BT.601.
        coded = np.stack([cv2.cvtColor(frame, cv2.COLOR_RGB2YCrCb) for frame in rgb])
        planes = Planes(coded[..., 0], coded[..., 2], coded[..., 1], 8)
    return Frames(pts, luma, small, rgb if products.rgb else None, planes=planes)
