"""From the item records of a run to its scores: one path, float64, whatever computed them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from lvbench.results.schema import ItemRecord, ItemScore, Score
from lvbench.stats.bootstrap import Statistic, statistic_interval
from lvbench.stats.survival import kaplan_meier_median

if TYPE_CHECKING:
    from lvbench.metrics.base import MetricInfo, ScoreInfo

Scored = list[tuple[str, ItemScore]]
Limits = tuple[float | None, float | None]


def aggregate_scores(
    info: MetricInfo,
    items: Sequence[ItemRecord],
    *,
    resamples: int,
    seed: int,
    key: str | None = None,
) -> dict[str, Score]:
    """Return the scores of one metric: its headline under its name, then its components.

    Args:
        info: The metric.
        items: All item records of the run.
        resamples: Bootstrap resamples of the interval.
        seed: Seed of the bootstrap.
        key: What the records call the metric; its name if left out.
    """
    key = key or info.name
    present = [(r.video.cluster, r.metrics[key]) for r in items if key in r.metrics]
    described: dict[str, tuple[str | None, ScoreInfo]] = {info.name: (None, info.headline)}
    for name, component in info.components.items():
        described[f"{info.name}.{name}"] = (name, component)
    return {
        key: _score(component, what, _limits(info, what), present, resamples, seed)
        for key, (component, what) in described.items()
    }


def _limits(info: MetricInfo, what: ScoreInfo) -> Limits:
    """Return the range of a score: a share above 1 is no possible value, nor a bound of one."""
    if what is not info.headline:
        return what.range
    return (0.0, info.range[1]) if what.statistic == "median_absolute" else info.range


def _within(bound: float | None, limits: Limits) -> float | None:
    if bound is None:
        return None
    low, high = limits
    bound = bound if low is None else max(low, bound)
    return bound if high is None else min(high, bound)


def _score(
    component: str | None,
    what: ScoreInfo,
    limits: Limits,
    present: Scored,
    resamples: int,
    seed: int,
) -> Score:
    scored = [(cluster, score) for cluster, score in present if score.status == "ok"]
    failed = sum(score.status == "failed" for _, score in present)
    build = partial(Score, higher_is_better=what.higher_is_better, unit=what.unit, n_failed=failed)
    if not scored:
        return _nothing_scored(build, present, failed)
    if component is not None and what.statistic == "time_to_event":
        return _time_to_event(build, component, what, scored, failed)
    pairs = [
        (cluster, score.value if component is None else score.components.get(component))
        for cluster, score in scored
    ]
    values = [value for _, value in pairs if value is not None]
    if not values:
        return _absent(build, failed)
    clusters = [cluster for cluster, value in pairs if value is not None]
    # A score of the set has no value in any video, and no headline is an event's time.
    statistic: Statistic = "mean"
    if what.statistic in ("median", "median_absolute"):
        statistic = what.statistic
    interval = statistic_interval(values, clusters, statistic, resamples=resamples, seed=seed)
    return build(
        value=interval.value,
        ci_low=_within(interval.low, limits),
        ci_high=_within(interval.high, limits),
        ci_method=interval.method,
        n_expected=len(values) + failed,
        n_scored=len(values),
    )


def _nothing_scored(build: Callable[..., Score], present: Scored, failed: int) -> Score:
    codes = sorted({score.code or "" for _, score in present})
    status = "failed" if failed else "not_applicable"
    return build(
        n_expected=failed,
        n_scored=0,
        status=status,
        code=codes[0] if len(codes) == 1 else f"all_{status}",
        detail=f"no video was scored: {', '.join(codes) or 'there was none'}",
    )


def _absent(build: Callable[..., Score], failed: int) -> Score:
    return build(
        n_expected=failed,
        n_scored=0,
        status="not_applicable",
        code="absent",
        detail="no scored video has this component",
    )


def _time_to_event(
    build: Callable[..., Score],
    component: str,
    what: ScoreInfo,
    scored: Scored,
    failed: int,
) -> Score:
    if what.censored_with is not None:
        known = {component, what.censored_with}
        scored = [(cluster, score) for cluster, score in scored if known & score.components.keys()]
    if not scored:
        return _absent(build, failed)
    times, observed = [], []
    for _, score in scored:
        found = score.components.get(component)
        end = max(series.t[-1] for series in score.series.values())
        times.append(end if found is None else found)
        observed.append(found is not None)
    median = kaplan_meier_median(
        times,
        observed,
        clusters=[cluster for cluster, _ in scored],
    )
    counted = partial(build, n_expected=len(scored) + failed, n_scored=len(scored))
    if median.value is None:
        return counted(
            status="not_applicable",
            code="not_reached",
            detail=f"seen in {sum(observed)} of {len(scored)} videos, fewer than the median needs",
        )
    return counted(
        value=median.value, ci_low=median.low, ci_high=median.high, ci_method=median.method
    )
