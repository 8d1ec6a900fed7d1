from __future__ import annotations

import numpy as np
import pytest

from lvbench.stats.jackknife import left_out_values, student_interval


def test_the_jackknife_of_a_mean_is_its_standard_error() -> None:
    x = np.random.default_rng(0).normal(size=40)
    left_out = left_out_values(lambda keep: float(x[keep].mean()), np.arange(40), 40, seed=0)
    found = student_interval(float(x.mean()), [left_out])
    error = x.std(ddof=1) / np.sqrt(40)
    assert found.low is not None
    assert found.high is not None
    assert (found.high - found.low) / 2 == pytest.approx(2.0227 * error, rel=1e-4)
    assert found.method == "jackknife-40"


def test_all_samples_of_a_unit_go_at_once_and_every_unit_once() -> None:
    units = np.repeat(np.arange(25), 3)
    gone: list[set[int]] = []

    def note(keep: np.ndarray) -> float:
        left = set(range(75)) - set(keep.tolist())
        assert len(left) % 3 == 0
        gone.append({int(units[i]) for i in left})
        return 0.0

    assert len(left_out_values(note, units, 10, seed=1)) == 10
    assert sorted(unit for group in gone for unit in group) == list(range(25))


def test_independent_sets_add_their_variances() -> None:
    a, b = np.array([1.0, 2.0] * 5), np.array([3.0, 5.0] * 5)
    alone = [student_interval(0.0, [v]).high or 0.0 for v in (a, b)]
    assert student_interval(0.0, [a, b]).high == pytest.approx(np.hypot(*alone))


def test_few_groups_have_no_interval() -> None:
    found = student_interval(1.0, [np.zeros(20), np.zeros(7)])
    assert (found.value, found.low, found.high, found.method) == (1.0, None, None, "too_few")
