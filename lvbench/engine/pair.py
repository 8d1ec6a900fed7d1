"""Score one video against its paired reference, without a run folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lvbench.engine.video_pass.one_pass import score_video
from lvbench.engine.video_pass.task import VideoTask
from lvbench.engine.video_pass.tools import Setting, build_tools
from lvbench.environment import usable_cores
from lvbench.errors import LvbenchError, UsageError
from lvbench.metrics.registry import METRICS
from lvbench.protocol.load import load_protocol
from lvbench.protocol.schema import MetricEntry, Protocol
from lvbench.results.schema import ItemRecord
from lvbench.video.containers.raw_format import parse_raw
from lvbench.video.manifest.entry import ManifestEntry, derive_id

PROTOCOL = "lvb-pair"


@dataclass(frozen=True, slots=True)
class PairResult:
    """Scores of a pair.

    Attributes:
        protocol: The protocol with the metrics that ran.
        record: The item record of the video, as in a run.
        unavailable: Metrics by key that cannot be computed here, each with its error.
    """

    protocol: Protocol
    record: ItemRecord
    unavailable: Mapping[str, LvbenchError]


def score_pair(
    reference: Path,
    video: Path,
    *,
    metrics: Sequence[str] = (),
    raw: str | None = None,
    fps: float | None = None,
    partial: bool = False,
    setting: Setting | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> PairResult:
    """Return the scores of one video against its paired reference.

    All cores work on the pair; the numbers do not depend on their count.

    Args:
        reference: The real video: a file or a folder of images.
        video: The video to score.
        metrics: Names, `name@extractor` for another extractor; those of `lvb-pair` if empty.
        raw: Format of both files, if they are raw planar YUV: `yuv420p10le:576x324@24`.
        fps: Rate in Hz of folders of images.
        partial: Leave out frames without a partner, with a flag.
        setting: Where weights are and networks run.
        progress: Called with the number of frames of each finished chunk.

    Raises:
        RegistryError: There is no metric of that name.
        UsageError: `raw` is not valid, or a metric reads no paired reference.
    """
    import cv2

    if raw is not None:
        parse_raw(raw)
    if fps is not None and not (reference.is_dir() or video.is_dir()):
        raise UsageError(
            "time the frames",
            found=f"fps {fps:g} for two video files, which have their own times",
            where="--fps",
            fix="leave --fps out: it is read for folders of pictures"
            + (", and --raw takes a rate as FORMAT@RATE" if raw else " alone"),
        )
    protocol = _protocol(metrics)
    tools = build_tools(protocol, setting)
    cv2.setNumThreads(1)  # each core works on its own frames
    for extractor in tools.extractors.values():
        extractor.threads = usable_cores()
    entry = ManifestEntry(
        path=video.absolute(), id=derive_id(video.name), reference=reference.absolute(), fps=fps
    )
    task = VideoTask(
        id=entry.id, path=str(entry.path), shown=video.name, entry=entry, raw=raw, partial=partial
    )
    record = score_video(task, tools, progress).record
    missing = {key: error for key, (_, error) in tools.unavailable.items()}
    return PairResult(protocol, record, missing)


def _protocol(names: Sequence[str]) -> Protocol:
    """Return lvb-pair with these metrics alone, and the extractors that they read."""
    full = load_protocol(PROTOCOL)
    if not names:
        return full
    known = {entry.key: entry for entry in full.metrics}
    entries = [known.get(name) or _entry(name) for name in dict.fromkeys(names)]
    read = {need for entry in entries for need in _needs(entry)}
    return full.model_copy(
        update={
            "metrics": entries,
            "extractors": {k: v for k, v in full.extractors.items() if k in read},
        }
    )


def _entry(key: str) -> MetricEntry:
    name, _, extractor = key.partition("@")
    info = METRICS.get(name).info
    if info.group != "paired":
        raise UsageError(
            f"compare a pair by '{name}'",
            found="a metric that reads no paired reference",
            where="--metrics",
            fix=f"run 'lvbench evaluate' for it; here: {', '.join(_paired())}",
        )
    parameters = {"extractor": extractor} if extractor else {}
    return MetricEntry(name=name, version=info.version, parameters=dict(parameters))


def _paired() -> list[str]:
    return [name for name in METRICS.names() if METRICS.get(name).info.group == "paired"]


def _needs(entry: MetricEntry) -> tuple[str, ...]:
    extractor = entry.parameters.get("extractor")
    needs = METRICS.get(entry.name).info.needs
    return needs if extractor is None else (str(extractor), *needs[1:])
