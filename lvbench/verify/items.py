"""Judge a run's videos afresh, and hold every cell against what the run says."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lvbench.engine.aggregation.recompute import tools_of
from lvbench.engine.video_pass.feature_store import kept_by_extractor
from lvbench.engine.video_pass.task import VideoTask
from lvbench.engine.video_pass.tools import Setting, Tools
from lvbench.engine.workers.progress import Progress
from lvbench.engine.workers.scoring import score_all
from lvbench.environment import environment
from lvbench.errors import ConfigError, LvbenchError
from lvbench.features.network import NetworkExtractor
from lvbench.metrics.base import AnyMetric
from lvbench.protocol.locked import Locked
from lvbench.results.journal import item_path, read_features
from lvbench.results.run import read_item
from lvbench.results.schema import ItemRecord
from lvbench.verify.cells import compare_arrays, compare_records
from lvbench.verify.finding import Finding, Unverifiable, Verification, found_in
from lvbench.verify.sets import other_weights

_MACHINE = ("platform", "cpu", "instructions", "ffmpeg")
_COMPUTES = (
    "numpy",
    "scipy",
    "opencv-python-headless",
    "av",
    "torch",
    "torchvision",
)


def verify_items(
    done: Verification,
    locked: Locked,
    items: Mapping[str, ItemRecord],
    tasks: Sequence[VideoTask],
    *,
    tools: Tools,
    setting: Setting,
    workers: int,
    progress: Progress,
    regenerated: bool = False,
) -> None:
    """Add to a verification what a fresh pass over some of a run's videos says.

    Args:
        done: The verification; `exact` says whether equal means equal.
        locked: The run's lock.
        items: The run's item records by id.
        tasks: The videos to judge.
        tools: Metrics and extractors of the lock's protocol, as they are here.
        setting: Where weights lie and networks run, here.
        workers: Worker processes.
        progress: Where to tell how far it is.
        regenerated: Whether the videos were made anew.
    """
    metrics = _comparable(tools, locked, items.values(), done)
    kept = list(kept_by_extractor(tools_of(locked, list(items.values()))))
    with tempfile.TemporaryDirectory(prefix="lvbench-verify-") as scratch:
        folder = Path(scratch)
        try:
            score_all(tools, setting, tasks, folder, min(workers, len(tasks)), progress)
        except LvbenchError as error:
            reason = f"{error.found}; {error.fix}"
            done.unverifiable.append(Unverifiable("the drawn items", error.code, reason))
            return
        for task in tasks:
            fresh, stated = read_item(item_path(folder, task.id)), items[task.id]
            if regenerated and fresh.video.status == "ok" and stated.video.status == "ok":
                # The same frames, written by another encoder, are other bytes.
                bytes_of = {"sha256": stated.video.sha256}
                fresh = fresh.model_copy(update={"video": fresh.video.model_copy(update=bytes_of)})
            found = list(
                compare_records(stated, fresh, metrics, exact=done.exact, tally=done.cells)
            )
            done.take(found)
            done.take(_features(done, stated, folder, fresh, metrics, kept))
            done.recomputed.append(task.id)


def same_machine(stated: Mapping[str, Any], tools: Tools, setting: Setting) -> bool:
    """Tell whether a run's environment computes what this one does, to the last bit.

    Args:
        stated: The environment in run.json.
        tools: Metrics and extractors, as they are here.
        setting: Where networks run, here.
    """
    here = environment()
    packages = stated.get("packages")
    if not isinstance(packages, dict):
        return False
    same = all(stated.get(key) == here[key] for key in _MACHINE)
    same &= all(packages.get(name) == here["packages"].get(name) for name in _COMPUTES)
    networks = any(isinstance(e, NetworkExtractor) for e in tools.extractors.values())
    # `auto` may have meant a GPU there.
    on_cpu = stated.get("device") == "cpu" == setting.device
    return bool(same and (on_cpu or not networks))


def _comparable(
    tools: Tools, locked: Locked, items: Iterable[ItemRecord], done: Verification
) -> dict[str, AnyMetric]:
    """Return the metrics whose weights here are those of the run; say which are not."""
    held = {key for item in items for key in item.metrics}
    other = other_weights(tools, locked)
    found = {}
    for key in sorted(held):
        lacking = _lacking(key, tools, other)
        if lacking is not None:
            done.unverifiable.append(Unverifiable(key, *lacking))
        elif key in tools.metrics:
            found[key] = tools.metrics[key]
    return found


def _lacking(key: str, tools: Tools, other: set[str]) -> tuple[str, str] | None:
    """Return code and reason why a metric cannot be computed here as it was there."""
    if key in tools.unavailable:
        error = tools.unavailable[key][1]
        return error.code, f"{error.found}; {error.fix}"
    metric = tools.metrics.get(key)
    if metric is None:
        return None
    if other & set(metric.needs):
        names = ", ".join(sorted(other & set(metric.needs)))
        reason = f"the weights of {names} here are not those of the run; give --weights"
        return "weights_differ", reason
    for source in metric.sources:
        lacking = _lacking(source, tools, other)
        if lacking is not None:
            return lacking[0], f"it is derived from {source}: {lacking[1]}"
    return None


def _features(
    done: Verification,
    stated: ItemRecord,
    folder: Path,
    fresh: ItemRecord,
    metrics: Mapping[str, AnyMetric],
    kept: Sequence[str],
) -> list[Finding]:
    """Return where the features kept beside a record are not those that the video gives.

    Features of the extractors in `kept` that no comparable metric reads could not be made here.
    """
    name = stated.video.id
    readers = [metric for metric in metrics.values() if metric.of_sets]
    read = {metric.needs[0] for metric in readers}
    tolerance = max((metric.info.tolerance for metric in readers), default=0.0)
    theirs = read_features(folder, fresh)
    try:
        ours = read_features(done.folder, stated)
    except ConfigError as error:
        return [found_in(error)]
    except (ValueError, OSError, MemoryError) as error:  # arrays that were made to break a reader
        detail = f"{type(error).__name__}: {error}"[:300]
        return [Finding("features_differ", name, "features", detail=detail)]
    unmade = set(kept) - read
    known = {k: v for k, v in theirs.items() if k.rpartition(".")[0] in read}
    given = {k: v for k, v in ours.items() if k.rpartition(".")[0] not in unmade}
    exact = 0.0 if done.exact else tolerance
    with np.errstate(all="ignore"):
        return list(compare_arrays(name, given, known, exact, done.cells))
