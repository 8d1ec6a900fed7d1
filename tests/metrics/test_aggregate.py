"""Items to scores: denominators that add up, intervals in range, onsets that may be censored."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from lvbench.metrics.aggregate import aggregate_scores
from lvbench.metrics.base import MetricInfo, ScoreInfo, Statistic
from lvbench.results.schema import ItemRecord, ItemScore, Score, Series, VideoRecord
from lvbench.stats.survival import kaplan_meier_median


def info(statistic: Statistic = "mean", **more: Any) -> MetricInfo:
    described: dict[str, Any] = {
        "name": "thing",
        "version": 1,
        "headline": ScoreInfo("Thing", "dB", True, statistic),
        "components": {
            "part": ScoreInfo("Part", "", None, "median", (0.0, 1.0)),
            "onset": ScoreInfo("Onset", "s", True, "time_to_event", censored_with="steady"),
            "steady": ScoreInfo("Steady", "", True, "mean", (0.0, 1.0)),
        },
        "needs": (),
        "range": (0.0, 1.0),
        "group": "over time",
    }
    return MetricInfo(**described | more)


def records(scores: list[ItemScore], clusters: list[str] | None = None) -> list[ItemRecord]:
    return [
        ItemRecord(
            identity="0",
            video=VideoRecord(id=f"v{i:03}", path="x", cluster=clusters[i] if clusters else f"{i}"),
            metrics={"thing": score},
        )
        for i, score in enumerate(scores)
    ]


def aggregate(
    scores: list[ItemScore], clusters: list[str] | None = None, **more: Any
) -> dict[str, Score]:
    given: dict[str, Any] = {"about": info(), "resamples": 200, "seed": 0} | more
    about = given.pop("about")
    return aggregate_scores(about, records(scores, clusters), **given)


FAILED = ItemScore(status="failed", code="metric_error")
SHORT = ItemScore(status="not_applicable", code="too_short")


def ok(value: float, **components: float) -> ItemScore:
    series = {"y": Series(t=[0.5, 9.5], y=[0.0, 0.0])}
    return ItemScore(value=value, components=components, series=series)


def counts(score: Score) -> tuple[int, int, int]:
    return score.n_expected, score.n_scored, score.n_failed


def test_the_headline_stands_under_the_metrics_name_and_components_after_it() -> None:
    assert list(aggregate([ok(0.5)])) == ["thing", "thing.part", "thing.onset", "thing.steady"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4)))[::5])
def test_denominators_count_what_applies(order: tuple[int, ...]) -> None:
    scores = [ok(0.2, part=0.5), ok(0.6), FAILED, SHORT]
    found = aggregate([scores[i] for i in order])
    assert counts(found["thing"]) == (3, 2, 1)
    assert found["thing"].value == pytest.approx(0.4)
    assert counts(found["thing.part"]) == (2, 1, 1)
    assert found["thing.part"].value == 0.5
    for score in found.values():
        assert score.n_expected == score.n_scored + score.n_failed


def test_the_order_of_items_cannot_move_a_bit() -> None:
    rng = np.random.default_rng(0)
    scores = [ok(float(v), part=float(v) ** 2) for v in rng.uniform(0, 1, 20)]
    items = records(scores)
    one = aggregate_scores(info(), items, resamples=200, seed=0)
    other = aggregate_scores(info(), [items[i] for i in rng.permutation(20)], resamples=200, seed=0)
    assert one == other


def test_fewer_than_eight_clusters_give_no_interval() -> None:
    seven = aggregate([ok(i / 10) for i in range(7)])["thing"]
    assert (seven.ci_method, seven.ci_low, seven.ci_high) == ("too_few", None, None)
    same_prompt = aggregate([ok(i / 10) for i in range(10)], clusters=["a"] * 5 + ["b"] * 5)
    assert same_prompt["thing"].ci_method == "too_few"
    eight = aggregate([ok(i / 10) for i in range(8)])["thing"]
    assert eight.ci_method == "boot-t200"
    assert eight.ci_low is not None
    assert eight.ci_high is not None
    assert eight.ci_low < 0.35 < eight.ci_high


def test_intervals_are_cut_to_the_range() -> None:
    values = [0.0] * 8 + [0.02, 0.9]
    free = aggregate([ok(v) for v in values], about=info(range=(None, None)))["thing"]
    cut = aggregate([ok(v) for v in values])["thing"]
    assert free.ci_low is not None
    assert free.ci_low < 0
    assert cut.ci_low == 0
    assert free.ci_high is not None
    assert cut.ci_high == min(1.0, free.ci_high)


def test_an_interval_of_absolute_values_does_not_go_below_zero() -> None:
    about = info("median_absolute", range=(-1.0, 1.0))
    found = aggregate([ok(v) for v in [0.01, -0.01, 0.0, 0.0, 0.9, -0.9, 0.5, 0.0]], about=about)
    assert found["thing"].value == pytest.approx(0.01)
    assert found["thing"].ci_low is not None
    assert found["thing"].ci_low >= 0


@pytest.mark.parametrize(
    ("statistic", "expected"), [("mean", 0.22), ("median", 0.1), ("median_absolute", 0.3)]
)
def test_statistics(statistic: Statistic, expected: float) -> None:
    values = [-0.3, -0.2, 0.1, 0.5, 1.0]
    found = aggregate([ok(v) for v in values], about=info(statistic))
    assert found["thing"].value == pytest.approx(expected)


@pytest.mark.parametrize(
    ("scores", "status", "code", "expected"),
    [
        ([], "not_applicable", "all_not_applicable", (0, 0, 0)),
        ([SHORT, SHORT], "not_applicable", "too_short", (0, 0, 0)),
        ([FAILED, FAILED], "failed", "metric_error", (2, 0, 2)),
        ([FAILED, SHORT], "failed", "all_failed", (1, 0, 1)),
    ],
)
def test_where_nothing_was_scored_there_is_a_status_and_no_value(
    scores: list[ItemScore], status: str, code: str, expected: tuple[int, int, int]
) -> None:
    for score in aggregate(scores).values():
        assert (score.value, score.status, score.code) == (None, status, code)
        assert counts(score) == expected


def test_a_component_that_no_video_has_is_absent() -> None:
    found = aggregate([ok(0.1), ok(0.2), FAILED])["thing.part"]
    assert (found.status, found.code, counts(found)) == ("not_applicable", "absent", (1, 0, 1))


def test_onsets_are_a_kaplan_meier_median_censored_at_the_end_of_the_video() -> None:
    times = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, None, None, None]
    scores = [ok(0.5, steady=1.0) if t is None else ok(0.5, steady=0.0, onset=t) for t in times]
    found = aggregate([*scores, FAILED, SHORT])
    onset = found["thing.onset"]
    expected = kaplan_meier_median(
        [9.5 if t is None else t for t in times],
        [t is not None for t in times],
        clusters=[str(i) for i in range(9)],
    )
    assert onset.value == expected.value == 5.0
    assert (onset.ci_low, onset.ci_high) == (expected.low, expected.high)
    assert onset.ci_method == "order-statistics"
    assert counts(onset) == (10, 9, 1)
    assert found["thing.steady"].value == pytest.approx(1 / 3)


def test_the_protocols_resamples_reach_every_interval_of_a_mean() -> None:
    scores = [ok(0.5, steady=float(i % 2)) for i in range(19)]
    assert aggregate(scores)["thing.steady"].ci_method == "boot-t200"
    assert aggregate(scores, resamples=300)["thing.steady"].ci_method == "boot-t300"


def test_an_onset_that_was_seldom_seen_has_no_median() -> None:
    scores = [ok(0.5, steady=1.0)] * 8 + [ok(0.5, steady=0.0, onset=2.0)] * 2
    onset = aggregate(scores)["thing.onset"]
    assert (onset.value, onset.status, onset.code) == (None, "not_applicable", "not_reached")
    assert onset.detail == "seen in 2 of 10 videos, fewer than the median needs"
    assert counts(onset) == (10, 10, 0)


def test_a_video_in_which_the_event_was_not_looked_for_is_not_censored() -> None:
    # Three videos have no hue; the four others drift at 2 s, which is then the median.
    scores = [ok(0.5)] * 5 + [ok(0.5, steady=0.0, onset=2.0)] * 4
    onset = aggregate(scores)["thing.onset"]
    assert (onset.value, counts(onset)) == (2.0, (4, 4, 0))
    nowhere = aggregate([ok(0.5)] * 3)["thing.onset"]
    assert (nowhere.status, nowhere.code) == ("not_applicable", "absent")


def test_items_without_the_metric_do_not_count() -> None:
    items = records([ok(0.5)])
    other = items[0].model_copy(update={"metrics": {}})
    assert counts(aggregate_scores(info(), [*items, other], resamples=100, seed=0)["thing"]) == (
        1,
        1,
        0,
    )
