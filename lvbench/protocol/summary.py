"""Summarise a run in one number, where the protocol defines it, in addition to the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lvbench.protocol.schema import SummaryPart


def summarise(
    parts: Sequence[SummaryPart] | None, values: Mapping[str, float | None]
) -> float | None:
    """Return the weighted mean of a run's scores, each scaled from its worst to its best value.

    Args:
        parts: The protocol's summary.
        values: Values of the scores by key.

    Returns:
        A number from 0 (all at or beyond their worst) to 1; None where the protocol has no
        summary, or one of its scores has no value: a mean of the rest would be another quantity.
    """
    total, weight = 0.0, 0.0
    for part in parts or []:
        value = values.get(part.score)
        if value is None:
            return None
        way = (value - part.worst) / (part.best - part.worst)
        total += part.weight * min(max(way, 0.0), 1.0)
        weight += part.weight
    return total / weight if weight else None
