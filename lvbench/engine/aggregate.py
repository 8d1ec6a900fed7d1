"""From the item records of a run to its scores: the only path, whatever computed the items."""

from __future__ import annotations

from collections.abc import Sequence

from threadpoolctl import threadpool_limits

from lvbench.engine.tools import Tools
from lvbench.protocol.schema import GateEntry
from lvbench.results.schema import Gate, ItemRecord, Score


def aggregate(tools: Tools, items: Sequence[ItemRecord]) -> dict[str, Score]:
    """Return all scores of a run by key, gates attached.

    Args:
        tools: The metrics of the protocol.
        items: Its item records, in any order.
    """
    ordered = sorted(items, key=lambda item: item.video.id)
    interval = tools.protocol.interval
    gates = {entry.metric: _gate(entry, ordered) for entry in tools.protocol.gates}
    scores: dict[str, Score] = {}
    # One thread: a sum split over cores may differ in its last bit.
    with threadpool_limits(1):
        for metric in tools.metrics.values():
            own = [gates[name] for name in metric.info.gates if name in gates]
            found = metric.aggregate(ordered, resamples=interval.resamples, seed=interval.seed)
            for key, score in found.items():
                scores[key] = score.model_copy(update={"gates": own})
    return scores


def _gate(entry: GateEntry, items: Sequence[ItemRecord]) -> Gate:
    """Return the share of videos that break a gate; one that could not be judged breaks it."""
    scores = [item.metrics[entry.metric] for item in items if entry.metric in item.metrics]
    judged = [s for s in scores if s.status != "not_applicable"]
    broken = sum(s.value is None or s.value > entry.value for s in judged)
    return Gate(
        metric=entry.metric, share=broken / len(judged) if judged else 0.0, limit=entry.share
    )
