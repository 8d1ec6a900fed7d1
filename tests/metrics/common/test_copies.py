"""A stretch that was copied is found, with its place; a still camera does not mislead."""

from __future__ import annotations

import numpy as np
import pytest

from lvbench.metrics.common.copies import Track, aligned, best_match, run_similarity, track

RATE = 2.0


def wandering(n: int, seed: int, step: float = 0.5, d: int = 40) -> Track:
    """Features that move away from where they were; with a small step a still camera's."""
    rng = np.random.default_rng(seed)
    start = rng.normal(size=d)
    return track(np.arange(n) / RATE, start + step * np.cumsum(rng.normal(size=(n, d)), axis=0))


def part(of: Track, first: int, last: int, noise: float = 0.0) -> Track:
    x = of.vectors[first:last]
    moved = x + noise * np.random.default_rng(9).normal(size=x.shape)
    return track(np.arange(last - first) / RATE, moved)


def test_the_run_similarity_is_the_mean_along_diagonals() -> None:
    a, b = wandering(5, 0).vectors, wandering(7, 1).vectors
    found = run_similarity(a, b, 3)
    assert found.shape == (3, 5)
    expected = np.mean([a[1 + k] @ b[4 + k] for k in range(3)])
    assert found[1, 4] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("step", [0.5, 0.02])
def test_a_copied_stretch_is_found_in_its_whole_length(step: float) -> None:
    others = [wandering(80, seed, step) for seed in range(4)]
    one = part(others[2], 30, 50, noise=0.03)
    best = best_match(one, enumerate(others), 4)
    assert best is not None
    assert best.other == 2
    found = aligned(one, others[2], 2, best.similarity - 0.1)
    assert found is not None
    assert found.other_start - found.start == 15.0
    assert found.seconds == 9.5


def test_unrelated_videos_have_a_nearest_one_far_away() -> None:
    found = best_match(wandering(40, 0), [(1, wandering(40, 1)), (2, wandering(40, 2))], 4)
    assert found is not None
    assert found.similarity < 0.7


def test_short_and_empty_videos() -> None:
    one, empty = wandering(2, 0), track(np.empty(0), np.empty((0, 40)))
    found = best_match(one, [(0, empty), (1, one)], 4)
    assert found is not None
    assert (found.other, found.seconds) == (1, 0.5)
    assert best_match(empty, [(1, one)], 4) is None
    assert aligned(one, track(one.t, -one.vectors), 0, 0.5) is None


def test_features_of_length_0_are_like_nothing() -> None:
    dark = track(np.arange(4) / RATE, np.zeros((4, 40)))
    found = best_match(dark, [(0, dark)], 4)
    assert found is not None
    assert found.similarity == 0.0
