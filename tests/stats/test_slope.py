"""A slope over clusters: exact on a line, and an interval that covers as it says."""

from __future__ import annotations

import numpy as np
import pytest

from lvbench.stats.slope import slope_interval


def test_a_line_has_its_slope_and_no_width() -> None:
    found = slope_interval(np.arange(10.0), 2 - 0.5 * np.arange(10.0), list(range(10)))
    assert found.value == pytest.approx(-0.5)
    assert found.low == pytest.approx(-0.5, abs=1e-6)
    assert found.high == pytest.approx(-0.5, abs=1e-6)
    assert found.method == "boot-t1000"


def test_it_is_numpys_slope_in_any_order() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 30))
    clusters = rng.integers(0, 10, 30).tolist()
    found = slope_interval(x, y, clusters)
    assert found.value == pytest.approx(float(np.polyfit(x, y, 1)[0]))
    order = rng.permutation(30)
    assert slope_interval(x[order], y[order], [clusters[i] for i in order]) == found
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.value < found.high


def test_few_clusters_have_no_interval() -> None:
    found = slope_interval([0.0, 1, 2, 3], [0.0, 1, 2, 4], [0, 0, 1, 1])
    assert (found.low, found.high, found.method) == (None, None, "too_few")


def test_its_interval_covers_the_true_slope() -> None:
    rng = np.random.default_rng(1)
    covered = 0
    for trial in range(200):
        clusters = np.repeat(np.arange(12), 3)
        x = np.tile([0.0, 1, 2], 12) + np.repeat(rng.normal(size=12), 3)
        y = 0.3 * x + np.repeat(rng.normal(size=12), 3) / 2 + rng.normal(size=36) / 2
        found = slope_interval(x, y, clusters.tolist(), resamples=300, seed=trial)
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= 0.3 <= found.high
    # 95 % asked for, 93 % in 600 trials of 12 clusters, and four errors of 200 trials.
    assert covered / 200 > 0.93 - 4 * np.sqrt(0.93 * 0.07 / 200)


@pytest.mark.parametrize(
    ("x", "y", "clusters"),
    [([1.0], [1.0, 2.0], [0]), ([1.0, 1.0], [1.0, 2.0], [0, 1]), ([1.0, np.nan], [1.0, 2], [0, 1])],
)
def test_what_has_no_slope_is_refused(x: list[float], y: list[float], clusters: list[int]) -> None:
    with pytest.raises(ValueError, match="x"):
        slope_interval(x, y, clusters)
