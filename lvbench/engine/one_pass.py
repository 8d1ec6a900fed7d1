"""One video, decoded once: every extractor sees each frame once, every metric its features."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lvbench.engine.filmstrip import Filmstrip
from lvbench.engine.read_ahead import ReadAhead
from lvbench.engine.task import VideoTask
from lvbench.engine.tools import Tools
from lvbench.errors import VideoDecodeError
from lvbench.features.base import Features
from lvbench.features.stream import FeatureStream
from lvbench.metrics.base import raised_score
from lvbench.results.schema import ItemRecord, ItemScore, VideoRecord
from lvbench.video.decode import open_video
from lvbench.video.file_hash import sha256_file

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class PassResult:
    """The item record of a video, and its filmstrip where frames came."""

    record: ItemRecord
    filmstrip: Filmstrip | None


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
        progress: Called with the number of frames of each chunk done.
        most_frames: Stop after the chunk that reaches so many frames, for a trial.
    """
    video = VideoRecord(
        id=task.id,
        path=task.shown,
        prompts=[p.model_dump(mode="json") for p in task.entry.prompts],
        generator=task.entry.generator,
        seed=task.entry.seed,
        cluster=task.cluster,
    )
    try:
        video = video.model_copy(update={"sha256": sha256_file(Path(task.path))})
        return _decode_and_score(task, tools, video, progress, most_frames)
    except VideoDecodeError as error:
        return PassResult(failed_record(tools, video, error.code, str(error)), None)


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
    reader = open_video(
        Path(task.path), tools.products, fps=task.entry.fps, backend=tools.protocol.decoder
    )
    with reader:
        info = reader.info
        states = _States(tools, task, info.fps)
        stream = FeatureStream(tools.extractors, info.fps, states.consume, states.extractor_failed)
        with ReadAhead(reader) as chunks:
            for chunk in chunks:
                stream.push(chunk)
                strip.push(chunk)
                progress(len(chunk))
                done += len(chunk)
                if most_frames is not None and done >= most_frames:
                    break
        stream.finish()
    if most_frames is not None:
        video = video.model_copy(update={"frames": done})
        return PassResult(failed_record(tools, video, "trial", "only the first frames"), None)
    outcome = reader.outcome
    video = video.model_copy(
        update={
            "width": info.width,
            "height": info.height,
            "fps": info.fps,
            "codec": info.codec,
            "pixel_format": info.pixel_format,
            "colour": f"{info.colour_space}{'' if info.colour_tagged else ' (untagged)'}, "
            f"{info.colour_range} range",
            "frames": outcome.frames,
            "duration": outcome.last_pts,
        }
    )
    if outcome.status != "ok":
        detail = (
            f"the file is {outcome.status}: {outcome.detail}; "
            f"{outcome.frames} frames could be decoded. Replace it, then run again."
        )
        return PassResult(failed_record(tools, video, f"video_{outcome.status}", detail), strip)
    scores = {name: states.item(name) for name in tools.metrics}
    return PassResult(ItemRecord(identity=tools.identity.hash, video=video, metrics=scores), strip)


class _States:
    """The metrics' states for one video; a metric that raises fails alone."""

    def __init__(self, tools: Tools, task: VideoTask, fps: float | None) -> None:
        self._metrics = tools.metrics
        context = task.context(tools.protocol.segment_seconds, fps)
        self._failures: dict[str, ItemScore] = {}
        self._states: dict[str, Any] = {
            name: metric.new_state(context) for name, metric in tools.metrics.items()
        }

    def consume(self, extractor: str, features: Features) -> None:
        for name, metric in self._metrics.items():
            if extractor in metric.needs and name not in self._failures:
                try:
                    metric.update(self._states[name], {extractor: features})
                except Exception as error:
                    self._failures[name] = raised_score(error)

    def extractor_failed(self, extractor: str, error: Exception) -> None:
        for name, metric in self._metrics.items():
            if extractor in metric.needs:
                self._failures.setdefault(name, raised_score(error))

    def item(self, name: str) -> ItemScore:
        if name not in self._failures:
            try:
                return self._metrics[name].item(self._states[name])
            except Exception as error:
                self._failures[name] = raised_score(error)
        return self._failures[name]
