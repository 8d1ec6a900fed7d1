from __future__ import annotations

import numpy as np
import pytest

from lvbench.stats.subsampling import (
    Variance,
    jackknife_interval,
    squared_interval,
    standard_error,
    subsampling_variance,
)

X = np.random.default_rng(0).normal(size=40)


def test_halves_of_a_mean_have_its_variance() -> None:
    found = subsampling_variance(lambda keep: float(X[keep].mean()), np.arange(40), draws=4000)
    assert float(found.value) == pytest.approx(X.var(ddof=1) / 40, rel=0.06)
    assert (found.units, found.draws) == (40, 4000)


def test_all_samples_of_a_unit_stay_or_go_at_once() -> None:
    units = np.repeat(np.arange(25), 3)

    def kept(keep: np.ndarray) -> float:
        counts = np.bincount(units[keep], minlength=25)
        assert set(counts.tolist()) == {0, 3}
        assert (counts > 0).sum() == 12
        return 0.0

    subsampling_variance(kept, units, draws=20)


def test_copies_within_a_unit_add_no_evidence() -> None:
    once = subsampling_variance(lambda keep: float(X[keep].mean()), np.arange(40))
    copies = np.repeat(X, 5)
    units = np.repeat(np.arange(40), 5)
    many = subsampling_variance(lambda keep: float(copies[keep].mean()), units)
    assert float(many.value) == pytest.approx(float(once.value))


def test_a_statistic_may_be_several_numbers() -> None:
    found = subsampling_variance(
        lambda keep: np.array([X[keep].mean(), 2 * X[keep].mean()]), np.arange(40)
    )
    assert found.value.shape == (2,)
    assert found.value[1] == pytest.approx(4 * found.value[0])


def test_independent_sets_add_their_variances() -> None:
    one, two = Variance(np.array(9.0), 30, 50), Variance(np.array(16.0), 200, 50)
    error = standard_error([one, two])
    assert error is not None
    assert float(error.value) == pytest.approx(5.0)
    assert float(error.reach()) == pytest.approx(2.0452 * 5, rel=1e-4)
    assert float(error.p_value(2.0452 * 5)) == pytest.approx(0.05, rel=1e-3)


def test_what_has_no_error_is_certain() -> None:
    error = standard_error([Variance(np.zeros(2), 30, 50)])
    assert error is not None
    assert error.p_value(np.array([0.0, 1.0])).tolist() == [1.0, 0.0]


def test_few_units_have_no_interval() -> None:
    few, many = Variance(np.array(1.0), 7, 50), Variance(np.array(1.0), 90, 50)
    assert standard_error([few, many]) is None
    found = squared_interval(3.0, None)
    assert (found.value, found.low, found.high, found.method) == (9.0, None, None, "too_few")
    with pytest.raises(ValueError, match="cannot be halved"):
        subsampling_variance(lambda keep: 0.0, np.arange(3))


def test_a_squared_distance_is_never_below_nothing() -> None:
    found = squared_interval(2.0, 3.0)
    assert (found.low, found.high, found.method) == (0.0, 25.0, "halves-50")


def test_the_jackknife_of_a_mean_is_its_standard_error() -> None:
    left_out = np.array([np.delete(X, i).mean() for i in range(40)])
    found = jackknife_interval(float(X.mean()), [left_out])
    assert found.low is not None
    assert found.high is not None
    expected = 2.0227 * X.std(ddof=1) / np.sqrt(40)
    assert (found.high - found.low) / 2 == pytest.approx(expected, rel=1e-4)
    assert jackknife_interval(0.0, [left_out[:7], left_out]).method == "too_few"
