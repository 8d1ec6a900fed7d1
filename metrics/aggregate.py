"""From the item records of a run to its scores: one path, float64, whatever computed them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lvbench.results.schema import ItemRecord, ItemScore, Score
from lvbench.stats.bootstrap import statistic_interval
from lvbench.stats.survival import kaplan_meier_median

if TYPE_CHECKING:
    from lvbench.metrics.base import MetricInfo, ScoreInfo

Scored = list[tuple[str, ItemScore]]


def aggregate_scores(
    info: MetricInfo, items: Sequence[ItemRecord], *, resamples: int, seed: int
) -> dict[str, Score]:
    """Return the scores of one metric: its headline under its name, then its components.

    Args:
        info: The metric.
        items: All item records of the run.
        resamples: Bootstrap resamples of the interval.
        seed: Seed of the bootstrap.
    """
    present = [(r.video.cluster, r.metrics[info.name]) for r in items if info.name in r.metrics]
    scored = [(cluster, score) for cluster, score in present if score.status == "ok"]
    failed = sum(score.status == "failed" for _, score in present)
    described = {info.name: (None, info.headline)} | {
        f"{info.name}.{name}": (name, component) for name, component in info.components.items()
    }
    return {
        key: _score(component, what, scored, present, failed, resamples, seed)
        for key, (component, what) in described.items()
    }


def _score(
    component: str | None,
    what: ScoreInfo,
    scored: Scored,
    present: Scored,
    failed: int,
    resamples: int,
    seed: int,
) -> Score:
    shared = {"higher_is_better": what.higher_is_better, "unit": what.unit, "n_failed": failed}
    if not scored:
        status = "failed" if failed else "not_applicable"
        codes = sorted({score.code or "" for _, score in present})
        code = codes[0] if len(codes) == 1 else f"all_{status}"
        return Score(
            **shared, n_expected=failed, n_scored=0, status=status, code=code,
            detail=f"no video was scored: {', '.join(codes) or 'there was none'}",
        )  # fmt: skip
    if component is not None and what.summary == "time_to_event":
        return _time_to_event(component, shared, scored, failed)
    pairs = [
        (cluster, score.value if component is None else score.components.get(component))
        for cluster, score in scored
    ]
    having = [(cluster, value) for cluster, value in pairs if value is not None]
    if not having:
        return Score(
            **shared, n_expected=failed, n_scored=0, status="not_applicable", code="absent",
            detail="no scored video has this component",
        )  # fmt: skip
    interval = statistic_interval(
        [value for _, value in having],
        [cluster for cluster, _ in having],
        what.summary,
        resamples=resamples,
        seed=seed,
    )
    return Score(
        **shared,
        value=interval.value,
        ci_low=interval.low,
        ci_high=interval.high,
        ci_method=interval.method,
        n_expected=len(having) + failed,
        n_scored=len(having),
    )


def _time_to_event(component: str, shared: dict[str, object], scored: Scored, failed: int) -> Score:
    times, observed = [], []
    for _, score in scored:
        found = score.components.get(component)
        end = max(s.t[-1] for s in score.series.values())
        times.append(end if found is None else found)
        observed.append(found is not None)
    median = kaplan_meier_median(times, observed, clusters=[cluster for cluster, _ in scored])
    counts = {"n_expected": len(scored) + failed, "n_scored": len(scored)}
    if median.value is None:
        return Score(
            **shared, **counts, status="not_applicable", code="not_reached",
            detail=f"in {sum(observed)} of {len(scored)} videos; followed to {max(times):g} s",
        )  # fmt: skip
    return Score(
        **shared,
        **counts,
        value=median.value,
        ci_low=median.low,
        ci_high=median.high,
        ci_method=median.method,
    )
