from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import sqrtm

from lvbench.stats import frechet_distance, frechet_distance_from_moments
from lvbench.stats.frechet import frechet_of, frechet_parts, moments, samples, spread

Floats = NDArray[np.float64]


def features(seed: int, n: int, d: int, shift: float = 0.0) -> Floats:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)) @ rng.normal(size=(d, d)) + shift


def by_matrix_root(x: Floats, y: Floats, ddof: int) -> float:
    a, b = np.cov(x, rowvar=False, ddof=ddof), np.cov(y, rowvar=False, ddof=ddof)
    gap = x.mean(0) - y.mean(0)
    return float(gap @ gap + np.trace(a + b - 2 * np.real(sqrtm(a @ b))))


@pytest.mark.parametrize("ddof", [0, 1])
def test_it_is_the_formula_with_a_matrix_root(ddof: int) -> None:
    x, y = features(0, 90, 7), features(1, 60, 7, shift=2.0)
    assert frechet_distance(x, y, ddof) == pytest.approx(by_matrix_root(x, y, ddof), rel=1e-9)


@pytest.mark.parametrize("n", [2, 5, 7, 8, 30])
def test_few_samples_in_many_dimensions_are_no_other_formula(n: int) -> None:
    """Zero dimensions added to few samples cannot move the distance."""
    x, y = features(0, n, 7), features(1, n + 1, 7, shift=1.0)
    padded = [np.hstack([z, np.zeros((len(z), 40))]) for z in (x, y)]
    assert frechet_distance(*padded) == pytest.approx(frechet_distance(x, y), rel=1e-9)
    a, b = (np.cov(z, rowvar=False) for z in (x, y))
    given = frechet_distance_from_moments(x.mean(0), a, y.mean(0), b)
    assert frechet_distance(x, y) == pytest.approx(given, rel=1e-6)


def test_it_has_two_parts() -> None:
    x = features(0, 50, 5)
    parts = frechet_parts(x, x + 3.0)
    assert parts.mean_part == pytest.approx(5 * 9.0)
    assert parts.covariance_part == pytest.approx(0.0, abs=1e-9)
    wider = frechet_parts(x, 2 * (x - x.mean(0)) + x.mean(0))
    assert wider.mean_part == pytest.approx(0.0, abs=1e-12)
    assert wider.covariance_part == pytest.approx(np.trace(np.cov(x, rowvar=False)))
    assert parts.value == parts.mean_part + parts.covariance_part


def test_equal_sets_are_at_distance_nothing_in_any_order() -> None:
    x = features(3, 40, 60)
    assert frechet_distance(x, x) == pytest.approx(0.0, abs=1e-9)
    assert frechet_distance(x, x[::-1]) == pytest.approx(0.0, abs=1e-9)
    y = features(4, 30, 60)
    assert frechet_distance(x, y) == pytest.approx(frechet_distance(y, x), rel=1e-12)


def test_one_duplicated_set_has_the_moments_of_the_set() -> None:
    x, y = features(3, 40, 6), features(4, 40, 6)
    twice = np.concatenate([x, x])
    assert frechet_distance(twice, y, ddof=0) == pytest.approx(frechet_distance(x, y, ddof=0))


def test_float32_features_are_computed_in_float64_and_not_changed() -> None:
    x, y = features(0, 20, 5).astype(np.float32), features(1, 20, 5).astype(np.float32)
    before = x.copy()
    assert frechet_distance(x, y) == frechet_distance(x.astype(np.float64), y.astype(np.float64))
    assert np.array_equal(x, before)


def test_moments_are_those_of_numpy() -> None:
    x = features(0, 20, 5)
    mean, covariance = moments(x)
    np.testing.assert_allclose(mean, x.mean(0))
    np.testing.assert_allclose(covariance, np.cov(x, rowvar=False))


def test_a_single_value_far_away_is_felt() -> None:
    x = features(0, 20, 5)
    y = x.copy()
    y[0] += 100.0
    assert frechet_distance(x, y) > 100


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (np.zeros((0, 3)), np.zeros((4, 3)), "x is empty"),
        (np.zeros((4, 3)), np.zeros((1, 3)), "y has one sample"),
        (np.zeros((4, 3)), np.zeros((4, 2)), "3 and of 2 dimensions"),
        (np.zeros(4), np.zeros((4, 2)), r"\(n, d\)"),
        (np.full((4, 3), np.nan), np.zeros((4, 3)), "4 of 4 samples"),
        (np.zeros((4, 3)), np.array([[0.0, np.inf, 1.0], [0.0, 0.0, 0.0]]), "1 of 2 samples"),
    ],
)
def test_what_is_no_set_of_features_is_refused(x: Floats, y: Floats, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        frechet_distance(x, y)


def test_what_is_no_covariance_is_refused() -> None:
    mean, one = np.zeros(2), np.eye(2)
    for wrong, words in (
        (np.eye(3), "expected"),
        (np.array([[1.0, 0.5], [0.0, 1.0]]), "symmetric"),
        (np.diag([1.0, -0.5]), "negative eigenvalue"),
        (np.full((2, 2), np.nan), "finite"),
    ):
        with pytest.raises(ValueError, match=words):
            frechet_distance_from_moments(mean, one, mean, wrong)
    with pytest.raises(ValueError, match="2 and of 3 dimensions"):
        frechet_distance_from_moments(mean, one, np.zeros(3), np.eye(3))
    with pytest.raises(ValueError, match="ddof"):
        frechet_distance(np.eye(3), np.eye(3), ddof=2)


def test_factors_may_be_made_once() -> None:
    x, y = features(0, 30, 8), features(1, 5, 8)
    parts = frechet_of(spread(samples(x)), spread(samples(y)))
    assert parts == frechet_parts(x, y)
