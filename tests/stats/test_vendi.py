"""The Vendi score: known values, another route to the same number, and its interval."""

from __future__ import annotations

import numpy as np
import pytest

from lvbench.stats.vendi import vendi_interval, vendi_score


def test_one_for_copies_and_n_for_unlike_things() -> None:
    assert vendi_score(np.ones((7, 5))).value == pytest.approx(1.0)
    assert vendi_score(np.eye(6)).value == pytest.approx(6.0)
    # Length does not count, and two groups of different size are fewer than two.
    groups = np.repeat(np.eye(2), [1, 3], axis=0) * np.arange(1, 5)[:, None]
    assert vendi_score(groups).value == pytest.approx(4 / 3 ** (3 / 4))


@pytest.mark.parametrize("shape", [(9, 30), (40, 6)])
def test_it_is_the_entropy_of_the_kernels_eigenvalues(shape: tuple[int, int]) -> None:
    x = np.random.default_rng(0).normal(1, 1, shape)
    u = x / np.linalg.norm(x, axis=1, keepdims=True)
    p = np.linalg.eigvalsh(u @ u.T / len(u))
    p = p[p > 1e-12]
    assert vendi_score(x).value == pytest.approx(np.exp(-(p * np.log(p)).sum()), rel=1e-9)


def test_the_influence_is_the_derivative_of_the_entropy() -> None:
    x = np.random.default_rng(1).normal(1, 1, (12, 5))
    found = vendi_score(x)
    assert found.influence.mean() == pytest.approx(0.0, abs=1e-12)
    u = x / np.linalg.norm(x, axis=1, keepdims=True)

    def entropy(weights: np.ndarray) -> float:
        p = np.linalg.eigvalsh((u.T * weights) @ u)
        return float(-(p * np.log(p)).sum())

    even, step = np.full(12, 1 / 12), 1e-6
    for i in (0, 7):
        moved = (1 - step) * even + step * np.eye(12)[i]
        slope = (entropy(moved) - entropy(even)) / step
        assert found.influence[i] == pytest.approx(slope, abs=1e-4)


def test_the_interval_covers_the_expected_score_of_such_a_set() -> None:
    rng = np.random.default_rng(2)
    found = [vendi_interval(rng.normal(1, 1, (24, 40))) for _ in range(60)]
    expected = np.mean([f.value for f in found])
    hits = [f.low <= expected <= f.high for f in found if f.low is not None and f.high is not None]
    assert len(hits) == 60
    assert np.mean(hits) >= 0.85


def test_prompts_are_units_and_too_few_of_them_give_no_interval() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(1, 1, (10, 8))
    twice = np.repeat(x, 2, axis=0)
    alone = vendi_interval(x)
    clustered = vendi_interval(twice, np.repeat(np.arange(10), 2))
    assert clustered.value == pytest.approx(alone.value)
    assert clustered.high == pytest.approx(alone.high)
    assert vendi_interval(x[:7]).method == "too_few"


@pytest.mark.parametrize("x", [np.zeros((0, 3)), np.zeros((2, 3)), np.array([[np.nan, 1.0]])])
def test_what_has_no_direction_is_refused(x: np.ndarray) -> None:
    with pytest.raises(ValueError, match="features must be"):
        vendi_score(x)
