from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from lvbench.leaderboard.ranks import rankable
from lvbench.leaderboard.separation import Separation, separate
from lvbench.results.schema import ItemRecord, ItemScore, Score, VideoRecord
from lvbench.stats import PairedValues, paired_tests

MEAN, LOWER = "flow_smoothness", "exposure_drift"


def _scores(n: int, better: bool = True) -> list[Score | None]:
    score = Score(value=0.0, ci_low=-9.0, ci_high=9.0, n_expected=24, n_scored=24, n_failed=0,
                  higher_is_better=better, unit="")  # fmt: skip
    return [score] * n


def _items(**values: Mapping[str, float] | Sequence[float]) -> list[ItemRecord]:
    """Return one item for each video, by name or by place."""
    told = {
        key: own if isinstance(own, Mapping) else {f"p{i:02d}": float(v) for i, v in enumerate(own)}
        for key, own in values.items()
    }
    names = sorted({name for own in told.values() for name in own})
    return [
        ItemRecord(
            identity="0",
            video=VideoRecord(id=name, path=name, cluster=name),
            metrics={key: ItemScore(value=own[name]) for key, own in told.items() if name in own},
        )
        for name in names
    ]


def _one(better: bool, *models: Sequence[ItemRecord], key: str = MEAN) -> Separation:
    n = len(models)
    return separate({key: _scores(n, better)}, models, {key: [True] * n})[key]


@pytest.mark.parametrize("better", [True, False])
def test_two_models_are_told_apart_as_two_runs_are(better: bool) -> None:
    apart = 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(2, 24)) + 5 * rng.normal(size=24)
        x[0] += 0.6
        found = _one(better, *(_items(flow_smoothness=row) for row in x))
        (test,) = paired_tests([PairedValues(x[0], x[1], [f"p{i:02d}" for i in range(24)])])
        lower = {1: (0, 1), -1: (1, 0)}.get(test.moved or 0)
        assert found.worse.sum() == (lower is not None)
        if lower is not None:
            apart += 1
            assert found.worse[lower if better else lower[::-1]]
        assert found.methods == {"paired"}
    assert apart > 5


def test_alike_models_are_told_apart_no_more_often_than_the_level() -> None:
    rng, trials, told = np.random.default_rng(0), 300, 0
    for _ in range(trials):
        # Skewed, and with a level of each prompt that both share; two scores of either statistic.
        x = rng.exponential(size=(2, 2, 24)) + 3 * rng.normal(size=24)
        models = [_items(flow_smoothness=one, exposure_drift=other) for one, other in x]
        found = separate(
            {MEAN: _scores(2), LOWER: _scores(2, False)},
            models,
            {MEAN: [True] * 2, LOWER: [True] * 2},
        )
        told += any(own.worse.any() for own in found.values())
    # Three standard errors above 5 % of 300 trials.
    assert told / trials < 0.088


def test_a_third_model_changes_nothing_between_two() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(3, 16)) + 2 * rng.normal(size=16) + np.array([[0.0], [0.8], [5.0]])
    models = [_items(flow_smoothness=row) for row in x]
    two, three = _one(True, *models[:2]), _one(True, *models)
    assert two.worse.tolist() == three.worse[:2, :2].tolist()
    assert three.worse[0, 2]


def test_common_videos_alone_are_compared_and_few_of_them_tell_nothing() -> None:
    ours = _items(flow_smoothness={f"p{i}": float(i) for i in range(24)})
    theirs = _items(flow_smoothness={f"p{i}": i + 1 + 0.01 * (i % 3) for i in range(12)})
    few = _items(flow_smoothness={f"p{i}": i + 1.0 for i in range(5)})
    found = _one(True, ours, theirs, few)
    assert found.worse.tolist() == [[False, True, False], [False] * 3, [False] * 3]
    assert found.methods == {"paired"}


def test_intervals_stand_in_where_no_video_is_known() -> None:
    apart = [Score(value=v, ci_low=v - 1, ci_high=v + 1, n_expected=24, n_scored=24, n_failed=0,
                   higher_is_better=True, unit="") for v in (0.0, 5.0)]  # fmt: skip
    found = separate({"fvd": apart}, [(), ()], {"fvd": [True] * 2})["fvd"]
    assert found.worse.tolist() == [[False, True], [False, False]]
    assert found.methods == {"intervals"}


def test_equal_differences_are_no_chance_and_none_is_no_difference() -> None:
    base = [float(i) for i in range(9)]
    models = [_items(flow_smoothness=x) for x in (base, [v + 0.5 for v in base], base)]
    assert _one(True, *models).worse.tolist() == [
        [False, True, False], [False] * 3, [False, True, False],
    ]  # fmt: skip


def test_a_model_without_the_score_is_last_where_others_have_it() -> None:
    scores = [*_scores(2), None, None]
    assert all(map(rankable, _scores(2)))
    models = [_items(flow_smoothness=[float(k)] * 9) for k in range(4)]
    worse = separate({MEAN: scores}, models, {MEAN: [True, True, True, False]})[MEAN].worse
    assert worse[2].tolist() == [True, True, False, False]
    assert not worse[:, 2].any()
    assert not worse[3].any()
    nobody = separate({MEAN: [None] * 2}, models[:2], {MEAN: [True] * 2})[MEAN]
    assert not nobody.worse.any()


def _dynamics(*values: float | None) -> list[Score | None]:
    return [
        None if v is None else Score(
            value=v, ci_low=v - 0.01, ci_high=v + 0.01, n_expected=9, n_scored=9, n_failed=0,
            higher_is_better=True, unit="",
        ) for v in values
    ]  # fmt: skip


def _valued(better: bool, *values: float) -> list[Score | None]:
    scores = _scores(len(values), better)
    return [
        score and score.model_copy(update={"value": value})
        for score, value in zip(scores, values, strict=True)
    ]


@pytest.mark.parametrize(("value", "wins"), [(0.7, True), (0.6, False), (None, False)])
def test_the_wins_of_a_much_stiller_model_do_not_count(value: float | None, wins: bool) -> None:
    models = [_items(flow_smoothness=[v] * 9) for v in (0.9, 0.5)]
    scores = {MEAN: _valued(True, 0.9, 0.5)}
    found = separate(scores, models, {MEAN: [True] * 2}, _dynamics(value, 1.0))
    assert found[MEAN].worse[1, 0] == wins


@pytest.mark.parametrize(("drift", "wins"), [(9.0, False), (7.0, True)])
def test_a_model_that_moves_a_little_less_must_win_by_more_than_that(
    drift: float, wins: bool
) -> None:
    models = [_items(exposure_drift=[v] * 9) for v in (drift, 10.0)]
    scores = {LOWER: _valued(False, drift, 10.0)}
    for dynamics, expected in ((_dynamics(0.8, 1.0), wins), (_dynamics(1.0, 1.0), True)):
        found = separate(scores, models, {LOWER: [True] * 2}, dynamics)[LOWER]
        assert found.worse.tolist() == [[False] * 2, [expected, False]]
