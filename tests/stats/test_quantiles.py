"""Median and quantile are numpy's."""

from __future__ import annotations

import numpy as np
import pytest

from lvbench.stats.quantiles import median, quantile


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("count", [1, 2, 3, 10, 999, 1000])
def test_they_are_numpys_bit_by_bit(dtype: type[np.floating], count: int) -> None:
    rng = np.random.default_rng(count)
    for values in (rng.normal(size=count), rng.integers(0, 5, count)):
        sample = values.astype(dtype)
        found = median(sample)
        assert found.dtype == dtype
        assert found == np.median(sample)
        for share in (0.0, 0.1, 0.25, 0.95, 1.0):
            part = quantile(sample, share)
            assert part.dtype == dtype
            assert part == np.quantile(sample, share)


def test_any_shape_is_one_sample() -> None:
    values = np.random.default_rng(0).normal(size=(6, 7, 2)).astype(np.float32)
    assert median(values[..., 0]) == np.median(values[..., 0])
    assert quantile(values[..., 0], 0.95) == np.quantile(values[..., 0], 0.95)
