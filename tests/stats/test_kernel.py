from __future__ import annotations

import numpy as np
import pytest

from lvbench.stats import kernel_distance
from lvbench.stats.kernel import kernel_interval
from lvbench.stats.subsampling import jackknife_interval

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(24, 5)), RNG.normal(size=(30, 5)) + 0.5


def by_loops(unbiased: bool) -> float:
    def k(a: np.ndarray, b: np.ndarray) -> float:
        return float((a @ b / 5 + 1) ** 3)

    def mean(a: np.ndarray, b: np.ndarray, diagonal: bool) -> float:
        found = [k(p, q) for i, p in enumerate(a) for j, q in enumerate(b) if diagonal or i != j]
        return float(np.mean(found))

    return mean(X, X, not unbiased) + mean(Y, Y, not unbiased) - 2 * mean(X, Y, True)


@pytest.mark.parametrize("unbiased", [True, False])
def test_it_is_the_mean_of_the_kernel_over_pairs(unbiased: bool) -> None:
    assert kernel_distance(X, Y, unbiased=unbiased) == pytest.approx(by_loops(unbiased))


def test_more_rows_than_a_block_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = kernel_distance(X, Y)
    monkeypatch.setattr("lvbench.stats.kernel._ROWS", 7)
    assert kernel_distance(X, Y) == pytest.approx(whole, rel=1e-12)


def test_it_is_unbiased() -> None:
    """On average 0 between sets of one distribution, where the biased one never is."""
    rng = np.random.default_rng(1)
    draws = [(rng.normal(size=(10, 4)), rng.normal(size=(10, 4))) for _ in range(400)]
    found = np.array([kernel_distance(x, y) for x, y in draws])
    assert abs(found.mean()) < 3 * found.std() / 20
    assert min(kernel_distance(x, y, unbiased=False) for x, y in draws) > 0


def test_the_interval_leaves_out_units() -> None:
    units = (np.arange(24) // 2, np.arange(30) // 3)
    found = kernel_interval(X, Y, *units)

    def value(x: np.ndarray, y: np.ndarray, a: np.ndarray, b: np.ndarray) -> float:
        total = 0.0
        for z, u in ((x, a), (y, b)):
            kernel = (z @ z.T / 5 + 1) ** 3
            total += kernel[u[:, None] != u[None, :]].mean()
        return float(total - 2 * ((x @ y.T / 5 + 1) ** 3).mean())

    assert found.value == pytest.approx(value(X, Y, *units))
    a = [value(X[units[0] != i], Y, units[0][units[0] != i], units[1]) for i in range(12)]
    b = [value(X, Y[units[1] != i], units[0], units[1][units[1] != i]) for i in range(10)]
    expected = jackknife_interval(found.value, [np.array(a), np.array(b)])
    assert found.low == pytest.approx(expected.low)
    assert found.high == pytest.approx(expected.high)
    assert found.method == "jackknife"


def test_windows_of_one_video_are_no_evidence_against_another() -> None:
    """Copies of every sample, in its unit, neither move the value nor narrow the interval."""
    once = kernel_interval(X, Y, np.arange(24), np.arange(30))
    thrice = kernel_interval(np.repeat(X, 3, axis=0), Y, np.repeat(np.arange(24), 3), np.arange(30))
    assert thrice.value == pytest.approx(once.value)
    assert thrice.low == pytest.approx(once.low)
    assert kernel_distance(X, Y) == pytest.approx(once.value)


def test_few_units_have_no_interval() -> None:
    found = kernel_interval(X, Y, np.arange(24) // 4, np.arange(30))
    assert (found.low, found.high, found.method) == (None, None, "too_few")
    with pytest.raises(ValueError, match="at least 2 units"):
        kernel_interval(X, Y, np.zeros(24, int), np.arange(30))


def test_what_is_no_set_of_features_is_refused() -> None:
    with pytest.raises(ValueError, match="x is empty"):
        kernel_distance(X[:0], Y)
    with pytest.raises(ValueError, match="5 and of 4 dimensions"):
        kernel_distance(X, Y[:, :4])
    with pytest.raises(ValueError, match="not finite"):
        kernel_distance(X, np.full_like(Y, np.nan))
