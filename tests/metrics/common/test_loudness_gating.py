from __future__ import annotations

import numpy as np
import pytest

from lvbench.metrics.common.loudness_gating import integrated, lufs


def test_power_and_lufs() -> None:
    assert lufs(np.array([1.0, 0.0])) == pytest.approx([-0.691, -200.0])


def test_silence_is_gated_away() -> None:
    """A block that reaches into the silence is 10 LU softer only where 3/4 of it are silent."""
    loud = np.full(100, 0.01)
    with_silence = np.concatenate([loud, np.full(100, 1e-12)])
    assert integrated(with_silence) == pytest.approx(float(lufs(np.array(0.01))), abs=0.1)


def test_a_soft_part_counts_until_it_is_10_lu_below() -> None:
    loud, soft = np.full(100, 0.01), np.full(100, 0.002)
    both = integrated(np.concatenate([loud, soft]))
    assert both == pytest.approx(float(lufs(np.array(0.006))), abs=0.05)
    far = integrated(np.concatenate([loud, soft / 10]))
    assert far == pytest.approx(float(lufs(np.array(0.01))), abs=0.1)


def test_too_short_or_too_soft_has_none() -> None:
    assert integrated(np.full(3, 1.0)) is None
    assert integrated(np.full(30, 1e-8)) is None
