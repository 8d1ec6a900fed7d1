"""Score one video in one pass: every extractor gets each picture once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from lvbench.engine.video_pass.audio_feed import AudioFeed
from lvbench.engine.video_pass.feature_store import FeatureStore, kept_by_extractor
from lvbench.engine.video_pass.filmstrip import FilmstripRecorder
from lvbench.engine.video_pass.paired_original import PairedOriginal
from lvbench.engine.video_pass.read_ahead import ReadAhead
from lvbench.engine.video_pass.task import VideoTask
from lvbench.engine.video_pass.tools import Tools
from lvbench.errors import VideoDecodeError
from lvbench.features.audio.stream import AudioStream
from lvbench.features.base import Features
from lvbench.features.stream import FeatureStream
from lvbench.metrics.base import raised_score
from lvbench.results.schema import ItemRecord, ItemScore, VideoRecord
from lvbench.video.containers.raw_format import parse_raw
from lvbench.video.decoding.decode import PresentedReader, VideoReader, open_video, presentation_of
from lvbench.video.file_hash import FileWatch
from lvbench.video.frames import Products
from lvbench.video.timing.presentation import Presentation

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class PassResult:
    """Item record of a video, its filmstrip if frames were read, and its stored features."""

    record: ItemRecord
    filmstrip: FilmstripRecorder | None
    features: dict[str, NDArray[Any]] = field(default_factory=dict)


def score_video(
    task: VideoTask,
    tools: Tools,
    progress: Progress = lambda _: None,
    *,
    max_frames: int | None = None,
) -> PassResult:
    """Return the item record of one video; every fault of the video becomes its status.

    Args:
        task: The video.
        tools: Metrics and extractors.
        progress: Called with the number of frames of each chunk done; with 0, as a sign of life,
            while the file is hashed.
        max_frames: Stop after the chunk that reaches this number of frames, for a trial.
    """
    video = VideoRecord(
        id=task.id,
        path=task.shown,
        prompts=[p.model_dump(mode="json") for p in task.entry.prompts],
        generator=task.entry.generator,
        seed=task.entry.seed,
        sample=task.entry.sample,
        manifest_sha256=task.manifest_sha256,
        cluster=task.cluster,
    )
    failure = task.entry.failure
    if failure is not None:
        return PassResult(
            failed_record(tools, video, failure.code, task.shareable(failure.detail)), None
        )
    try:
        watch = FileWatch(Path(task.path), partial(progress, 0))
    except VideoDecodeError as error:
        return _failed(task, tools, video, error)
    hashed = video.model_copy(update={"sha256": watch.sha256})
    try:
        result = _decode_and_score(task, tools, hashed, progress, max_frames)
        result = replace(result, record=_shareable(result.record, task))
    except VideoDecodeError as error:
        result = _failed(task, tools, hashed, error)
    changed = watch.changed()
    # Hash and numbers of a file that changed may be of different contents.
    return result if changed is None else _failed(task, tools, video, changed)


def _failed(
    task: VideoTask, tools: Tools, video: VideoRecord, error: VideoDecodeError
) -> PassResult:
    return PassResult(failed_record(tools, video, error.code, task.shareable(str(error))), None)


def _shareable(record: ItemRecord, task: VideoTask) -> ItemRecord:
    metrics = {
        key: score
        if score.detail is None
        else score.model_copy(update={"detail": task.shareable(score.detail)})
        for key, score in record.metrics.items()
    }
    return record.model_copy(update={"metrics": metrics})


def failed_record(tools: Tools, video: VideoRecord, code: str, detail: str) -> ItemRecord:
    """Return the record of a video of which no metric could be computed."""
    video = video.model_copy(update={"status": "failed", "code": code, "detail": detail})
    score = ItemScore(status="failed", code=code, detail=detail)
    return ItemRecord(
        identity=tools.identity.hash, video=video, metrics=dict.fromkeys(tools.metrics, score)
    )


def _decode_and_score(
    task: VideoTask,
    tools: Tools,
    video: VideoRecord,
    progress: Progress,
    max_frames: int | None,
) -> PassResult:
    shown = _presentation(task, tools, max_frames)
    reader = _open(task, tools, tools.products)
    with reader, PairedOriginal(task, tools, partial(progress, 0)) as original:
        run = _Streaming(task, tools, reader, original, shown)
        done, longer = run.stream(progress, max_frames)
    if max_frames is not None:
        video = video.model_copy(update={"frames": done})
        return PassResult(failed_record(tools, video, "trial", "only the first frames"), None)
    outcome = reader.outcome
    update = _stream_facts(reader, shown, run.pictures, longer)
    video = video.model_copy(update=update | {"reference_sha256": original.sha256})
    if outcome.status != "ok":
        detail = (
            f"the file is {outcome.status}: {outcome.detail}; "
            f"{outcome.frames} frames could be decoded. Replace it, then run again."
        )
        record = failed_record(tools, video, f"video_{outcome.status}", detail)
        return PassResult(record, run.strip)
    run.states.override(original.refused())
    metrics = dict(original.flagged(run.states.items()))
    record = ItemRecord(identity=tools.identity.hash, video=video, metrics=metrics)
    return PassResult(record, run.strip, run.states.stored())


def _stream_facts(
    reader: VideoReader, shown: Presentation, pictures: Presentation, longer: float
) -> dict[str, Any]:
    """Return what the record states of a video that was read to its end."""
    info, outcome = reader.info, reader.outcome
    tagged = "" if info.colour_tagged else " (untagged)"
    return {
        "width": info.width,
        "height": info.height,
        "fps": pictures.rate_near(info.fps),
        "codec": info.codec,
        "pixel_format": info.pixel_format,
        "colour": f"{info.colour_space}{tagged}, {info.colour_range} range",
        "frames": outcome.frames,
        "distinct": None if shown.distinct.all() else int(shown.distinct.sum()),
        "repeated": shown.repeated or None,
        "duration": outcome.duration,
        "flags": [*info.flags, *outcome.flags, *(["audio_longer"] if longer else [])],
        "audio_longer": longer or None,
    }


class _Streaming:
    """Chunks of one video on their way to extractors, audio, metrics and filmstrip."""

    def __init__(
        self,
        task: VideoTask,
        tools: Tools,
        reader: VideoReader,
        original: PairedOriginal,
        pictures: Presentation,
    ) -> None:
        video: VideoReader | PresentedReader = reader
        if original.shows_the_same(pictures):
            video, pictures = PresentedReader(reader, pictures), pictures.alone()
        self.strip, self.pictures, self._reader = FilmstripRecorder(), pictures, reader
        self._chunks = original.chunks(video)
        fps, prompts = reader.info.fps, [prompt.text for prompt in task.entry.prompts]
        self.states = _States(tools, task, fps, pictures)
        sinks = self.states.consume, self.states.extractor_failed
        self._features = FeatureStream(tools.extractors, fps, *sinks, prompts, pictures)
        self._listeners = AudioStream(tools.extractors, *sinks)

    def stream(self, progress: Progress, max_frames: int | None) -> tuple[int, float]:
        """Return the number of frames read, and for how many seconds the audio is longer."""
        done = 0
        with (
            closing(self._features) as features,
            AudioFeed(self._reader.info, self._listeners) as audio,
            ReadAhead(self._chunks) as chunks,
        ):
            for chunk in chunks:
                features.push(chunk)
                audio.until(float(chunk.pts[-1]))
                self.strip.push(chunk)
                progress(len(chunk))
                done += len(chunk)
                if max_frames is not None and done >= max_frames:
                    break
            features.finish()
            if max_frames is not None:
                return done, 0.0
            return done, audio.finish(self._reader.outcome.duration)


def _open(task: VideoTask, tools: Tools, products: Products) -> VideoReader:
    return open_video(
        Path(task.path),
        products,
        fps=task.entry.fps,
        backend=tools.protocol.decoder,
        raw=parse_raw(task.raw) if task.raw else None,
    )


def _presentation(task: VideoTask, tools: Tools, max_frames: int | None) -> Presentation:
    """Return the presentation of the video, from a first, cheap pass over its luma."""
    with _open(task, tools, Products(luma=True)) as reader:
        return presentation_of(reader, max_frames)


class _States:
    """States of the metrics for one video; a metric that raises fails alone."""

    def __init__(
        self, tools: Tools, task: VideoTask, fps: float | None, pictures: Presentation
    ) -> None:
        self._tools, self._video_metrics = tools, tools.video_metrics
        context = task.context(tools.protocol.segment_seconds, fps, pictures)
        self._failures: dict[str, ItemScore] = {}
        self._states: dict[str, Any] = {
            key: metric.new_state(context) for key, metric in tools.video_metrics.items()
        }
        self._windows: Counter[str] = Counter()
        self._store = FeatureStore(kept_by_extractor(tools))

    def consume(self, extractor: str, features: Features) -> None:
        self._store.take(extractor, features)
        self._windows[extractor] += len(features.t)
        for key, metric in self._video_metrics.items():
            if extractor in metric.needs and key not in self._failures:
                try:
                    metric.update(self._states[key], {extractor: features})
                except Exception as error:
                    self._failures[key] = raised_score(error)

    def extractor_failed(self, extractor: str, error: Exception) -> None:
        for key, metric in self._tools.metrics.items():
            if extractor in metric.needs:
                self._failures.setdefault(key, raised_score(error))

    def override(self, scores: Mapping[str, ItemScore]) -> None:
        """Use these scores instead of the metrics' own."""
        self._failures |= scores

    def items(self) -> dict[str, ItemScore]:
        """Return every metric's score, once; those derived from others come last."""
        scores = {
            key: self._item(key, partial(metric.item, self._states.pop(key)))
            for key, metric in self._video_metrics.items()
        }
        for key, of_sets in self._tools.set_metrics.items():
            windows = self._windows[of_sets.needs[0]]
            scores[key] = self._item(key, partial(of_sets.item, windows))
        for key, derived in self._tools.derived_metrics.items():
            scores[key] = self._item(key, partial(derived.derive, dict(scores)))
        return {key: scores[key] for key in self._tools.metrics}

    def stored(self) -> dict[str, NDArray[Any]]:
        """Return the arrays to store with the record, by `extractor.array`."""
        return self._store.arrays()

    def _item(self, key: str, score: Callable[[], ItemScore]) -> ItemScore:
        if key not in self._failures:
            try:
                return score()
            except Exception as error:
                self._failures[key] = raised_score(error)
        return self._failures[key]
