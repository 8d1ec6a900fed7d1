"""The chance of missing altered items is the one that is printed."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest

from lvbench.verify.sample import draw, found_with, fresh_seed, miss_chance

IDS = [f"clip{i:02d}" for i in range(20)]
TRIALS = 4000


@pytest.mark.parametrize(("drawn", "altered"), [(1, 1), (5, 1), (5, 3), (10, 2), (12, 4), (20, 1)])
def test_simulated_draws_miss_as_often_as_the_formula_says(drawn: int, altered: int) -> None:
    targets = set(IDS[3 : 3 + altered])
    missed = np.mean([not targets & set(draw(IDS, drawn, seed)) for seed in range(TRIALS)])
    expected = miss_chance(len(IDS), drawn, altered)
    # Four standard errors: one false alarm in sixteen thousand.
    assert abs(missed - expected) <= 4 * np.sqrt(max(expected * (1 - expected), 1e-12) / TRIALS)


@pytest.mark.parametrize("altered", [0, 1, 2, 7, 19, 20])
@pytest.mark.parametrize("drawn", [0, 1, 4, 19, 20])
def test_it_is_the_hypergeometric_one(drawn: int, altered: int) -> None:
    expected = comb(20 - altered, drawn) / comb(20, drawn)
    assert miss_chance(20, drawn, altered) == pytest.approx(expected, abs=1e-12)


def test_every_item_is_drawn_as_often_as_any_other() -> None:
    times = dict.fromkeys(IDS, 0)
    for seed in range(TRIALS):
        for name in draw(IDS, 5, seed):
            times[name] += 1
    share = np.array(list(times.values())) / TRIALS
    assert np.abs(share - 0.25).max() < 5 * np.sqrt(0.25 * 0.75 / TRIALS)


def test_a_draw_is_the_same_whatever_the_order_and_another_for_another_seed() -> None:
    assert draw(IDS, 5, 3) == draw(IDS[::-1], 5, 3)
    assert len({tuple(draw(IDS, 5, seed)) for seed in range(50)}) > 40
    assert draw(IDS, 99, 0) == IDS
    assert fresh_seed() != fresh_seed()


def test_how_many_altered_items_a_sample_finds() -> None:
    assert found_with(20, 0) is None
    assert found_with(20, 20) == 1
    for drawn in range(1, 20):
        least = found_with(20, drawn)
        assert least is not None
        assert miss_chance(20, drawn, least) <= 0.05 + 1e-9
        assert miss_chance(20, drawn, least - 1) > 0.05
    least = found_with(1000, 100)
    assert least is not None
    shares = [comb(1000 - n, 100) / comb(1000, 100) for n in (least, least - 1)]
    assert shares[0] <= 0.05 < shares[1]
