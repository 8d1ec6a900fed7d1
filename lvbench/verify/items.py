"""Score a sample of a run's videos again and compare every cell."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lvbench.engine.aggregation.recompute import expected_videos
from lvbench.engine.video_pass.feature_store import kept_by_extractor
from lvbench.engine.video_pass.task import VideoTask
from lvbench.engine.video_pass.tools import Setting, Tools
from lvbench.engine.workers.scoring import score_all
from lvbench.environment import environment
from lvbench.errors import ConfigError, LvbenchError
from lvbench.features.network import NetworkExtractor
from lvbench.metrics.base import AnyMetric
from lvbench.protocol.locked import Locked
from lvbench.results.journal import file_stem, item_path, read_features
from lvbench.results.run import read_item
from lvbench.results.schema import ItemRecord
from lvbench.verify.cells import compare_arrays, compare_records
from lvbench.verify.context import VerifyContext
from lvbench.verify.finding import RunFinding, Unverified, VerifyResult, error_finding
from lvbench.verify.sample import draw, fresh_seed
from lvbench.verify.sets import other_weights
from lvbench.verify.videos import check_all_scored, locate_videos

_MACHINE = ("platform", "cpu", "instructions", "ffmpeg")
_COMPUTES = (
    "numpy",
    "scipy",
    "opencv-python-headless",
    "av",
    "torch",
    "torchvision",
)


def check_items(context: VerifyContext) -> Iterator[RunFinding]:
    """Score a sample of the videos again and yield the cells that differ."""
    result, options = context.result, context.options
    if options.sample == 0:
        result.notes.append("no item was recomputed: none was requested")
        return
    items = {item.video.id: item for item in context.items}
    if options.sample is None:
        result.drawn = sorted(items)
    else:
        result.seed = fresh_seed() if options.seed is None else options.seed
        result.drawn = draw(items, options.sample, result.seed)
    with tempfile.TemporaryDirectory(prefix="lvbench-clips-") as scratch:
        found = locate_videos(context, Path(scratch))
        yield from found.findings
        yield from check_all_scored(found.others, len(items), expected_videos(context.record))
        drawn = set(result.drawn)
        result.unverifiable += [one for one in found.unverifiable if one.what in drawn]
        tasks = [found.tasks[name] for name in result.drawn if name in found.tasks]
        if tasks:
            yield from _score_again(context, items, tasks)


def _score_again(
    context: VerifyContext, items: Mapping[str, ItemRecord], tasks: Sequence[VideoTask]
) -> Iterator[RunFinding]:
    """Yield the cells in which the records of these videos differ from those of a new pass."""
    result, tools = context.result, context.tools
    metrics = _comparable(tools, context.locked, items.values(), result)
    kept = list(kept_by_extractor(context.lock_tools))
    with tempfile.TemporaryDirectory(prefix="lvbench-verify-") as scratch:
        folder, workers = Path(scratch), min(context.workers, len(tasks))
        try:
            score_all(tools, context.setting, tasks, folder, workers, context.progress)
        except LvbenchError as error:
            result.unverifiable.append(Unverified.by("the drawn items", error))
            return
        for task in tasks:
            fresh, stated = read_item(item_path(folder, task.id)), items[task.id]
            if file_stem(task.id) in context.broken:  # a finding already: not read again
                stated = stated.model_copy(update={"features_sha256": None})
            if context.options.regenerate and fresh.video.status == stated.video.status == "ok":
                # The same frames, written by another encoder, are other bytes.
                video = fresh.video.model_copy(update={"sha256": stated.video.sha256})
                fresh = fresh.model_copy(update={"video": video})
            yield from compare_records(
                stated, fresh, metrics, exact=result.exact, counts=result.cells
            )
            yield from _features(result, stated, folder, fresh, metrics, kept)
            result.recomputed.append(task.id)


def same_machine(stated: Mapping[str, Any], tools: Tools, setting: Setting) -> bool:
    """Return whether a run's environment computes the same bits as this one.

    Args:
        stated: The environment in run.json.
        tools: Metrics and extractors here.
        setting: Where networks run here.
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
    tools: Tools, locked: Locked, items: Iterable[ItemRecord], done: VerifyResult
) -> dict[str, AnyMetric]:
    """Return the metrics whose weights here are those of the run; list the others in `done`."""
    present = {key for item in items for key in item.metrics}
    other = other_weights(tools, locked)
    found = {}
    for key in sorted(present):
        lacking = _lacking(key, tools, other)
        if lacking is not None:
            done.unverifiable.append(Unverified(key, *lacking))
        elif key in tools.metrics:
            found[key] = tools.metrics[key]
    return found


def _lacking(key: str, tools: Tools, other: set[str]) -> tuple[str, str] | None:
    """Return code and reason why a metric cannot be recomputed here; None where it can."""
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
    done: VerifyResult,
    stated: ItemRecord,
    folder: Path,
    fresh: ItemRecord,
    metrics: Mapping[str, AnyMetric],
    kept: Sequence[str],
) -> list[RunFinding]:
    """Return where the stored features of a video differ from those that the video gives.

    Features in `kept` that no comparable metric reads cannot be computed here.
    """
    name = stated.video.id
    readers = [metric for metric in metrics.values() if metric.of_sets]
    read = {metric.needs[0] for metric in readers}
    tolerance = max((metric.info.tolerance for metric in readers), default=0.0)
    theirs = read_features(folder, fresh)
    try:
        ours = read_features(done.folder, stated)
    except ConfigError as error:
        return [error_finding(error)]
    except (ValueError, OSError, MemoryError) as error:  # arrays made to break a reader
        detail = f"{type(error).__name__}: {error}"[:300]
        return [RunFinding("features_differ", name, "features", detail=detail)]
    unmade = set(kept) - read
    known = {k: v for k, v in theirs.items() if k.rpartition(".")[0] in read}
    given = {k: v for k, v in ours.items() if k.rpartition(".")[0] not in unmade}
    exact = 0.0 if done.exact else tolerance
    with np.errstate(all="ignore"):
        return list(compare_arrays(name, given, known, exact, done.cells))
