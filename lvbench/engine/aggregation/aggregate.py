"""Aggregate the item records of a run to its scores: the only path to a score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from threadpoolctl import threadpool_limits

from lvbench.engine.aggregation.score_identity import ScoreIdentities
from lvbench.engine.video_pass.tools import Tools
from lvbench.errors import LvbenchError, WeightsError
from lvbench.features.feature_set import FeatureSet, RealSetStatistics
from lvbench.metrics.base import AnyMetric
from lvbench.protocol.schema import GateEntry
from lvbench.results.schema import Gate, ItemRecord, Score


def aggregate(
    tools: Tools,
    items: Sequence[ItemRecord],
    sets: Mapping[str, FeatureSet] | None = None,
    references: Mapping[str, RealSetStatistics] | None = None,
) -> dict[str, Score]:
    """Return all scores of a run by key, gates attached.

    Args:
        tools: The metrics of the protocol.
        items: Its item records, in any order.
        sets: Windows' features of the run's videos, by extractor.
        references: Features of the real set, by extractor.
    """
    ordered = sorted(items, key=lambda item: item.video.id)
    interval = tools.protocol.interval
    gates = {entry.metric: _gate(entry, ordered) for entry in tools.protocol.gates}
    scores: dict[str, Score] = {}
    # One thread: a sum split over cores may differ in its last bit.
    with threadpool_limits(1):
        for key, metric in tools.metrics.items():
            own = [gates[name] for name in metric.info.gates if name in gates]
            if (of_sets := tools.set_metrics.get(key)) is not None:
                name = of_sets.needs[0]
                found = of_sets.aggregate_sets(
                    (sets or {})[name],
                    (references or {}).get(name),
                    failed=sum(i.metrics[key].status == "failed" for i in ordered),
                    resamples=interval.resamples,
                    seed=interval.seed,
                )
            else:
                found = metric.aggregate(ordered, resamples=interval.resamples, seed=interval.seed)
            scores |= {k: score.model_copy(update={"gates": own}) for k, score in found.items()}
    for metric, error in tools.unavailable.values():
        scores |= _unavailable(metric, error)
    known = ScoreIdentities(tools.identity)
    return {
        key: score.model_copy(update={"identity": known.short(key)})
        for key, score in scores.items()
    }


def _unavailable(metric: AnyMetric, error: LvbenchError) -> dict[str, Score]:
    """Return the scores of a metric that cannot be computed here, with the fix."""
    name = metric.info.name
    described = {name: metric.info.headline} | {
        f"{name}.{part}": what for part, what in metric.info.components.items()
    }
    return {
        metric.suffixed(key): Score(
            n_expected=0,
            n_scored=0,
            n_failed=0,
            higher_is_better=what.higher_is_better,
            unit=what.unit,
            status="unavailable",
            code=error.code,
            # Missing weights need the command alone.
            detail=error.fix if error.code == WeightsError.code else f"{error.found}; {error.fix}",
        )
        for key, what in described.items()
    }


def _gate(entry: GateEntry, items: Sequence[ItemRecord]) -> Gate:
    """Return the share of the scored videos that break a gate, and how many failed."""
    scores = [item.metrics[entry.metric] for item in items if entry.metric in item.metrics]
    values = [score.value for score in scores if score.value is not None]
    broken = sum(value > entry.value for value in values)
    return Gate(
        metric=entry.metric,
        share=broken / len(values) if values else 0.0,
        limit=entry.share,
        n=len(values),
        n_failed=sum(score.status == "failed" for score in scores),
    )
