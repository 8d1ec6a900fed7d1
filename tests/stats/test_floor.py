from __future__ import annotations

import numpy as np
import pytest

from lvbench.stats.floor import gaussian_floor, split_floor
from lvbench.stats.frechet import moments

X = np.random.default_rng(0).normal(size=(400, 6))


def test_splits_and_gaussian_draws_agree_on_gaussian_features() -> None:
    mean, covariance = moments(X)
    splits = split_floor(X, np.arange(400), 40, draws=40)
    drawn = gaussian_floor(mean, covariance, 40, draws=40)
    assert drawn == pytest.approx(splits, rel=0.1)


def test_a_floor_falls_with_n() -> None:
    mean, covariance = moments(X)
    found = [gaussian_floor(mean, covariance, n) for n in (20, 80, 320)]
    assert found[0] > 3 * found[1] > 9 * found[2]


def test_a_videos_windows_stay_together() -> None:
    copies, videos = np.repeat(X, 5, axis=0), np.repeat(np.arange(400), 5)
    together = split_floor(copies, videos, 40, draws=40)
    assert together == pytest.approx(split_floor(X, np.arange(400), 40, draws=40), rel=0.1)


def test_too_few_videos_are_not_split() -> None:
    with pytest.raises(ValueError, match="twice 201"):
        split_floor(X, np.arange(400), 201)


def test_the_same_seed_gives_the_same_floor() -> None:
    assert split_floor(X, np.arange(400), 40) == split_floor(X, np.arange(400), 40)
    assert split_floor(X, np.arange(400), 40) != split_floor(X, np.arange(400), 40, seed=1)
