"""The scores of a metric of sets, from its numbers or from the reason why there are none."""

from __future__ import annotations

from collections.abc import Mapping

from lvbench.errors import LvbenchError
from lvbench.metrics.base import MetricInfo, ScoreInfo
from lvbench.results.schema import Score
from lvbench.stats.bootstrap import Interval


def refused(info: MetricInfo, error: LvbenchError) -> dict[str, Score]:
    """Return the scores of a metric that could not be computed, with the reason."""
    failed = error.code == "features_not_finite"
    return {
        part: Score(
            n_expected=0,
            n_scored=0,
            n_failed=0,
            higher_is_better=what.higher_is_better,
            unit=what.unit,
            status="failed" if failed else "not_applicable",
            code=error.code,
            detail=f"{error.found}; {error.fix}",
        )
        for part, what in {"": info.headline, **info.components}.items()
    }


def scored(
    what: ScoreInfo, value: float | Interval | None, videos: int, detail: str | None = None
) -> Score:
    """Return the score of a number; None is one that does not apply, for the reason in `detail`."""
    found = value if isinstance(value, Interval) else None
    number = value.value if isinstance(value, Interval) else value
    return Score(
        value=None if number is None else float(number),
        ci_low=found.low if found else None,
        ci_high=found.high if found else None,
        ci_method=found.method if found else None,
        n_expected=videos if number is not None else 0,
        n_scored=videos if number is not None else 0,
        n_failed=0,
        higher_is_better=what.higher_is_better,
        unit=what.unit,
        status="not_applicable" if number is None else "ok",
        code="unknown" if number is None else None,
        detail=detail,
    )


def all_scored(
    info: MetricInfo,
    values: Mapping[str, float | Interval | None],
    videos: int,
    details: Mapping[str, str] | None = None,
) -> dict[str, Score]:
    """Return the scores of every part of a metric (`""` is its headline)."""
    parts = {"": info.headline, **info.components}
    return {
        part: scored(what, values[part], videos, (details or {}).get(part))
        for part, what in parts.items()
    }
