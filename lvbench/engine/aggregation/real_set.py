"""The real set that a run is compared with: a folder of videos, or a file of its statistics."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lvbench.engine.aggregation.feature_sets import feature_sets
from lvbench.engine.video_pass.task import VideoTask, find_all
from lvbench.engine.video_pass.tools import Setting, Tools, build_tools
from lvbench.engine.workers.progress import Progress
from lvbench.engine.workers.scoring import score_all
from lvbench.errors import ConfigError, UsageError, VideoDecodeError
from lvbench.features.feature_set import RealSetStatistics
from lvbench.metrics.common.set_comparison import DistanceMetric
from lvbench.metrics.registry import METRICS
from lvbench.protocol.load import protocols_folder
from lvbench.protocol.lock import claim
from lvbench.protocol.schema import Protocol
from lvbench.results.files import canonical_json
from lvbench.results.journal import item_path
from lvbench.results.real_set_file import read_real_set, real_set_from
from lvbench.results.run import read_item
from lvbench.results.schema import ItemRecord
from lvbench.video.file_hash import sha256_file
from lvbench.video.intake import LeftOut

REAL_FOLDER = "real"


class RealSet:
    """A real set by its path.

    Args:
        path: A folder of videos, a manifest, or a file that `lvbench stats build` wrote.

    Attributes:
        left_out: Files of the folder that are not read.
        digest: SHA-256 of the file of statistics, or of the videos' ids and checksums.

    Raises:
        UsageError: There is nothing at `path`.
        ConfigError: The file of statistics is not valid.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reference = read_real_set(path) if path.suffix == ".npz" else None
        self._tasks: list[VideoTask] = []
        self.left_out: tuple[LeftOut, ...] = ()
        if self._reference is None:
            self._tasks, self.left_out = find_all(path)
        self.digest = sha256_file(path) if self._reference else _digest(self._tasks)

    @property
    def statistics(self) -> RealSetStatistics | None:
        """Return the content of a file of statistics; None for a set of videos."""
        return self._reference

    @property
    def files(self) -> dict[str, Path]:
        """Return the real videos' files by id; empty for a file of statistics."""
        return {task.id: Path(task.path) for task in self._tasks}

    def references(
        self, tools: Tools, setting: Setting, folder: Path, workers: int, progress: Progress
    ) -> Mapping[str, RealSetStatistics]:
        """Return the set's features or statistics, by extractor.

        Args:
            tools: The metrics and extractors of the run.
            setting: Where weights are and networks run.
            folder: The run folder; features of real videos are stored in its folder `real`.
            workers: Worker processes.
            progress: Receives the progress.
        """
        if self._reference is not None:
            return {str(self._reference.provenance.get("name")): self._reference}
        found = real_sets_of(
            self._tasks,
            features_only(tools.protocol),
            setting,
            folder / REAL_FOLDER,
            workers,
            progress,
            name=self._path.resolve().name,
        )
        self._require_unchanged(folder / REAL_FOLDER)
        return found

    def _require_unchanged(self, folder: Path) -> None:
        """Refuse a set whose files were replaced after its digest was taken."""
        videos = (read_item(item_path(folder, task.id)).video for task in self._tasks)
        if real_set_digest((video.id, video.sha256) for video in videos) != self.digest:
            raise ConfigError(
                "read the real set",
                found="its files changed while the run was under way",
                where=str(self._path),
                fix="wait until nothing writes to the folder, then run again",
                code="real_set_changed",
            )


def shipped_real_set(protocol: Protocol, folder: Path | None = None) -> RealSet | None:
    """Return the real set that ships with a protocol; None where there is none.

    Args:
        protocol: The protocol.
        folder: Folder of the protocol's file; a missing file may be a shipped one.

    Raises:
        ConfigError: Its file is missing (`reference_missing`), or has another checksum than the
            protocol pins (`reference_changed`).
    """
    if protocol.real is None:
        return None
    shipped = protocols_folder() / protocol.real.file
    path = shipped if folder is None else folder / protocol.real.file
    if not path.is_file() and shipped.is_file():
        path = shipped
    real_set = RealSet(path)
    if real_set.digest != protocol.real.sha256:
        raise ConfigError(
            f"compare with the real set of {protocol.name}",
            found=f"sha256 {real_set.digest}; the protocol pins {protocol.real.sha256}",
            where=str(path),
            fix="restore the file, or give your own set with --real",
            code="reference_changed",
        )
    return real_set


def real_sets_of(
    tasks: Sequence[VideoTask],
    protocol: Protocol,
    setting: Setting,
    folder: Path,
    workers: int,
    progress: Progress,
    *,
    name: str,
) -> Mapping[str, RealSetStatistics]:
    """Return the features of real videos by extractor; finished work is kept in `folder`.

    Raises:
        ConfigError: A video cannot be read (`real_video_failed`): a real set without it is
            another set.
    """
    tools = build_tools(protocol, setting)
    folder.mkdir(parents=True, exist_ok=True)
    claim(folder, tools.identity)
    score_all(tools, setting, tasks, folder, workers, progress)
    items = [read_item(item_path(folder, task.id)) for task in tasks]
    failed = [item.video for item in items if item.video.status != "ok"]
    if failed:
        raise ConfigError(
            "read the real set",
            found=f"{len(failed)} of {len(items)} videos failed, the first: {failed[0].detail}",
            where=failed[0].path,
            fix="replace or remove them, then run again: finished work is kept",
            code="real_video_failed",
        )
    facts = _facts(items)
    return {
        extractor: real_set_from(found, name, facts)
        for extractor, found in feature_sets(tools, folder, items).items()
        if found.videos
    }


def features_only(protocol: Protocol, extractor: str | None = None) -> Protocol:
    """Return the protocol with its set metrics alone, which define what to extract.

    Args:
        protocol: The protocol.
        extractor: Only the metrics that read this extractor; default: all.

    Raises:
        UsageError: No metric compares with a real set.
    """
    sets = {m.key: m for m in protocol.metrics if METRICS.get(m.name).of_sets}
    read = {
        key: str(m.parameters.get("extractor", METRICS.get(m.name).info.needs[0]))
        for key, m in sets.items()
    }
    chosen = [key for key in sets if extractor in (None, read[key])]
    if not any(_asks_for_real(sets[key].name) for key in chosen):
        known = sorted({read[key] for key in sets if _asks_for_real(sets[key].name)})
        raise UsageError(
            f"compare with a real set by {protocol.name}",
            found=f"no metric of the protocol compares sets of videos by {extractor}"
            if known
            else "no metric of the protocol compares sets of videos",
            where="--extractor" if known else "--real",
            fix=f"its metrics of sets read {', '.join(known)}"
            if known
            else "leave --real out, or use a protocol with fvd, such as lvb-open",
        )
    names = {read[key] for key in chosen}
    extractors = {name: p for name, p in protocol.extractors.items() if name in names}
    metrics = [sets[key] for key in chosen]
    return protocol.model_copy(update={"metrics": metrics, "extractors": extractors, "gates": []})


def real_set_digest(videos: Iterable[tuple[str, str | None]]) -> str:
    """Return the digest of a real set from the id and the checksum of each video, in order."""
    return hashlib.sha256(canonical_json(list(videos)).encode()).hexdigest()


def compared_by(protocol: Protocol) -> str:
    """Return the extractor of the first distance between sets, or of the first other comparison."""
    metrics = [m for m in features_only(protocol).metrics if _asks_for_real(m.name)]
    distances = [m for m in metrics if issubclass(METRICS.get(m.name), DistanceMetric)]
    first = (distances or metrics)[0]
    return str(first.parameters.get("extractor", METRICS.get(first.name).info.needs[0]))


def _asks_for_real(name: str) -> bool:
    return METRICS.get(name).asks_for_real


def _digest(tasks: Sequence[VideoTask]) -> str:
    try:
        return real_set_digest((task.id, sha256_file(Path(task.path))) for task in tasks)
    except VideoDecodeError as error:
        raise ConfigError(
            "read the real set",
            found=error.found,
            where=error.where,
            fix="replace or remove the file, then run again",
            code="real_video_failed",
        ) from error


def _facts(items: Sequence[ItemRecord]) -> dict[str, Any]:
    """Return number, sizes, rates, length and codecs of the videos, for readers."""
    videos = [item.video for item in items]
    sizes = Counter(f"{v.width}x{v.height}" for v in videos)
    rates = Counter(f"{v.fps:.3f}" for v in videos if v.fps is not None)
    return {
        "videos": len(videos),
        "frames": sum(v.frames or 0 for v in videos),
        "seconds": round(sum(v.duration or 0.0 for v in videos), 3),
        "sizes": dict(sorted(sizes.items())),
        "fps": dict(sorted(rates.items())),
        "codecs": dict(sorted(Counter(v.codec or "?" for v in videos).items())),
    }
