from __future__ import annotations

import numpy as np
import pytest

from lvbench.stats import nearest_neighbours

RNG = np.random.default_rng(0)


def test_a_line_by_hand() -> None:
    """Real at 0, 1, 3 with k = 1: balls of radius 1, 1, 2; fake at 0.5 and 10: both reach 9.5."""
    found = nearest_neighbours([[0.0], [1.0], [3.0]], [[0.5], [10.0]], k=1)
    assert found.precision.tolist() == [1, 0]
    assert found.density.tolist() == [2, 0]
    assert found.recall.tolist() == [1, 1, 1]
    assert found.coverage.tolist() == [1, 1, 0]


def test_one_distribution_is_precise_and_recalled_and_a_far_one_is_not() -> None:
    real, fake = RNG.normal(size=(300, 3)), RNG.normal(size=(300, 3))
    near = nearest_neighbours(real, fake)
    assert near.precision.mean() > 0.9
    assert near.recall.mean() > 0.9
    assert near.density.mean() == pytest.approx(1.0, abs=0.15)
    far = nearest_neighbours(real, fake + 100)
    assert not any(q.any() for q in (far.precision, far.recall, far.density, far.coverage))


def test_a_collapsed_set_is_precise_and_recalls_little() -> None:
    real, fake = RNG.normal(size=(300, 3)), 0.2 * RNG.normal(size=(300, 3))
    found = nearest_neighbours(real, fake)
    assert found.precision.mean() > 0.99
    assert found.recall.mean() < 0.2
    assert found.coverage.mean() < 0.5


def test_blocks_are_no_other_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    real, fake = RNG.normal(size=(40, 3)), RNG.normal(size=(50, 3))
    whole = nearest_neighbours(real, fake)
    monkeypatch.setattr("lvbench.stats.neighbours._ROWS", 7)
    blocks = nearest_neighbours(real, fake)
    for name in ("precision", "recall", "density", "coverage"):
        assert np.array_equal(getattr(whole, name), getattr(blocks, name))


def test_windows_of_one_video_are_not_each_others_neighbours() -> None:
    """Near copies of every real sample would shrink its ball to nothing."""
    real, fake = RNG.normal(size=(60, 3)), RNG.normal(size=(60, 3))
    copies = np.repeat(real, 6, axis=0) + 1e-9 * RNG.normal(size=(360, 3))
    alone = nearest_neighbours(copies, fake)
    videos = nearest_neighbours(copies, fake, units_real=np.repeat(np.arange(60), 6))
    assert alone.precision.mean() < 0.1
    assert videos.precision.mean() > 0.5


def test_too_few_neighbours_are_refused() -> None:
    with pytest.raises(ValueError, match="k = 5 neighbours requested where a sample has 4"):
        nearest_neighbours(np.eye(5), np.eye(5))
    with pytest.raises(ValueError, match="has 3"):
        nearest_neighbours(np.eye(6), np.eye(6), units_real=np.array([0, 0, 0, 1, 2, 3]))
    with pytest.raises(ValueError, match="k must be"):
        nearest_neighbours(np.eye(5), np.eye(5), k=0)
    with pytest.raises(ValueError, match="fake is empty"):
        nearest_neighbours(np.eye(5), np.empty((0, 5)))
    with pytest.raises(ValueError, match="dimensions"):
        nearest_neighbours(np.eye(5), np.eye(6))
