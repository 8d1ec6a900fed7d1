"""The summary of all pairs is what the whole matrix gives."""

from __future__ import annotations

import numpy as np
import pytest

from lvbench.metrics.common.similarity import unit
from lvbench.metrics.common.similarity_matrix import GRID, SimilarityMatrix


@pytest.mark.parametrize("count", [2, 5, GRID, 40, 600])
def test_sums_in_pieces_equal_the_whole_matrix(count: int) -> None:
    rng = np.random.default_rng(count)
    vectors = unit(rng.normal(size=(count, 6)))
    ids = np.cumsum(rng.integers(1, 3, count))
    found = SimilarityMatrix(ids, vectors)
    whole = vectors @ vectors.T
    assert np.allclose(found.to_others, (whole.sum(1) - 1) / (count - 1))
    i, j = np.triu_indices(count, 1)
    lags = ids[j] - ids[i]
    assert found.lags.tolist() == np.unique(lags).tolist()
    expected = [whole[i, j][lags == lag].mean() for lag in found.lags]
    assert np.allclose(found.by_lag, expected)
    assert found.grid.shape == (min(count, GRID),) * 2
    assert np.allclose(found.grid, found.grid.T)


def test_up_to_sixteen_segments_the_matrix_is_kept_whole() -> None:
    vectors = unit(np.random.default_rng(0).normal(size=(9, 6)))
    found = SimilarityMatrix(np.arange(9), vectors)
    assert np.allclose(found.grid, vectors @ vectors.T)
    rows = found.rows(np.arange(0.5, 9.0))
    assert np.allclose([row.y for row in rows], vectors @ vectors.T)
    assert rows[0].t.tolist() == np.arange(0.5, 9.0).tolist()


def test_blocks_average_their_pairs_without_a_segment_against_itself() -> None:
    vectors = unit(np.random.default_rng(0).normal(size=(32, 6)))
    found = SimilarityMatrix(np.arange(32), vectors)
    whole = vectors @ vectors.T
    assert found.grid[0, 0] == pytest.approx(whole[0, 1])
    assert found.grid[2, 5] == pytest.approx(whole[4:6, 10:12].mean())
