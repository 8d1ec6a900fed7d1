"""One video in one pass: every extractor sees each picture once, every metric its features."""

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
from lvbench.engine.video_pass.filmstrip import Filmstrip
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
from lvbench.video.decoding.decode import VideoReader, open_video
from lvbench.video.file_hash import FileWatch
from lvbench.video.frames import Products
from lvbench.video.timing.presentation import Presentation
from lvbench.video.timing.presented import PresentedReader, presentation_of

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class PassResult:
    """The item record of a video, its filmstrip where frames came, and what is kept beside it."""

    record: ItemRecord
    filmstrip: Filmstrip | None
    features: dict[str, NDArray[Any]] = field(default_factory=dict)


def score_video(
    task: VideoTask,
    tools: Tools,
    progress: Progress = lambda _: None,
    *,
    most_frames: int | None = None,
) -> PassResult:
    """Return the item record of one video; whatever is wrong with it ends in a status there.

    Args:
        task: The video.
        tools: Metrics and extractors.
        progress: Called with the number of frames of each chunk done; with 0, as a sign of life,
            while the file is hashed.
        most_frames: Stop after the chunk that reaches so many frames, for a trial.
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
        return PassResult(failed_record(tools, video, error.code, task.shareable(str(error))), None)
    hashed = video.model_copy(update={"sha256": watch.sha256})
    try:
        result = _decode_and_score(task, tools, hashed, progress, most_frames)
        result = replace(result, record=_shareable(result.record, task))
    except VideoDecodeError as error:
        detail = task.shareable(str(error))
        result = PassResult(failed_record(tools, hashed, error.code, detail), None)
    changed = watch.changed()
    if changed is not None:
        # Neither hash nor numbers are known to be of one content.
        detail = task.shareable(str(changed))
        return PassResult(failed_record(tools, video, changed.code, detail), None)
    return result


def _shareable(record: ItemRecord, task: VideoTask) -> ItemRecord:
    metrics = {
        key: score
        if score.detail is None
        else score.model_copy(update={"detail": task.shareable(score.detail)})
        for key, score in record.metrics.items()
    }
    return record.model_copy(update={"metrics": metrics})


def failed_record(tools: Tools, video: VideoRecord, code: str, detail: str) -> ItemRecord:
    """Return the record of a video none of whose metrics could be computed."""
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
    most_frames: int | None,
) -> PassResult:
    done = 0
    strip = Filmstrip()
    pictures = _presentation(task, tools, most_frames)
    reader = _open(task, tools, tools.products)
    with reader, PairedOriginal(task, tools, partial(progress, 0)) as reference:
        info = reader.info
        video_chunks: VideoReader | PresentedReader = reader
        written = pictures
        if reference.shows_the_same(pictures):
            video_chunks, pictures = PresentedReader(reader, pictures), pictures.alone()
        states = _States(tools, task, info.fps, pictures)
        stream = FeatureStream(
            tools.extractors,
            info.fps,
            states.consume,
            states.extractor_failed,
            [prompt.text for prompt in task.entry.prompts],
            pictures,
        )
        listeners = AudioStream(tools.extractors, states.consume, states.extractor_failed)
        with (
            closing(stream),
            AudioFeed(info, listeners) as audio,
            ReadAhead(reference.chunks(video_chunks)) as chunks,
        ):
            for chunk in chunks:
                stream.push(chunk)
                audio.until(float(chunk.pts[-1]))
                strip.push(chunk)
                progress(len(chunk))
                done += len(chunk)
                if most_frames is not None and done >= most_frames:
                    break
            stream.finish()
            longer = audio.finish(reader.outcome.duration) if most_frames is None else 0.0
    if most_frames is not None:
        video = video.model_copy(update={"frames": done})
        return PassResult(failed_record(tools, video, "trial", "only the first frames"), None)
    outcome = reader.outcome
    video = video.model_copy(
        update={
            "width": info.width,
            "height": info.height,
            "fps": pictures.rate_near(info.fps),
            "codec": info.codec,
            "pixel_format": info.pixel_format,
            "colour": f"{info.colour_space}{'' if info.colour_tagged else ' (untagged)'}, "
            f"{info.colour_range} range",
            "frames": outcome.frames,
            "distinct": None if written.distinct.all() else int(written.distinct.sum()),
            "repeated": written.repeated or None,
            "duration": outcome.duration,
            "reference_sha256": reference.sha256,
            "flags": [*info.flags, *outcome.flags, *(["audio_longer"] if longer else [])],
            "audio_longer": longer or None,
        }
    )
    if outcome.status != "ok":
        detail = (
            f"the file is {outcome.status}: {outcome.detail}; "
            f"{outcome.frames} frames could be decoded. Replace it, then run again."
        )
        return PassResult(failed_record(tools, video, f"video_{outcome.status}", detail), strip)
    states.refuse(reference.refused())
    metrics = dict(reference.flagged(states.items()))
    record = ItemRecord(identity=tools.identity.hash, video=video, metrics=metrics)
    return PassResult(record, strip, states.kept())


def _open(task: VideoTask, tools: Tools, products: Products) -> VideoReader:
    return open_video(
        Path(task.path),
        products,
        fps=task.entry.fps,
        backend=tools.protocol.decoder,
        raw=parse_raw(task.raw) if task.raw else None,
    )


def _presentation(task: VideoTask, tools: Tools, most_frames: int | None) -> Presentation:
    """Return what the video shows: a first, cheap pass over its luma."""
    with _open(task, tools, Products(luma=True)) as reader:
        return presentation_of(reader, most_frames)


class _States:
    """The metrics' states for one video; a metric that raises fails alone."""

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
        self._keeper = FeatureStore(kept_by_extractor(tools))

    def consume(self, extractor: str, features: Features) -> None:
        self._keeper.take(extractor, features)
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

    def refuse(self, scores: Mapping[str, ItemScore]) -> None:
        """Let these scores stand in the place of what the metrics would say."""
        self._failures |= scores

    def items(self) -> dict[str, ItemScore]:
        """Return every metric's score; those derived from others come last."""
        scores = {
            key: self._item(key, partial(metric.item, self._states[key]))
            for key, metric in self._video_metrics.items()
        }
        for key, of_sets in self._tools.set_metrics.items():
            windows = self._windows[of_sets.needs[0]]
            scores[key] = self._item(key, partial(of_sets.item, windows))
        for key, derived in self._tools.derived_metrics.items():
            scores[key] = self._item(key, partial(derived.derive, dict(scores)))
        return {key: scores[key] for key in self._tools.metrics}

    def kept(self) -> dict[str, NDArray[Any]]:
        """Return the arrays that are kept beside the record, by `extractor.array`."""
        return self._keeper.arrays()

    def _item(self, key: str, score: Callable[[], ItemScore]) -> ItemScore:
        if key not in self._failures:
            try:
                return score()
            except Exception as error:
                self._failures[key] = raised_score(error)
        return self._failures[key]
