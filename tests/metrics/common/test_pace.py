from __future__ import annotations

import numpy as np
import pytest

from lvbench.metrics.common.pace import SIDE, Pace


def _pace(speeds: list[float], dt: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    pace = Pace()
    for speed in speeds:
        pace.add(np.full((36, 64, 2), (speed, 0), np.float32), dt)
    return pace.changes()


def test_a_change_of_speed_is_in_octaves_at_its_pair() -> None:
    factor, alike = _pace([1.0] * 10 + [2.0] * 10)
    assert len(factor) == 20
    assert factor[10] == pytest.approx(1.0)
    assert np.abs(factor[: 10 - SIDE]).max() == pytest.approx(0.0, abs=1e-6)
    assert alike[SIDE:-SIDE] == pytest.approx(1.0)
    assert alike[0] == alike[-1] == 0.0


def test_other_motion_is_not_alike_and_rest_has_no_pace() -> None:
    _, turned = _pace([1.0] * 10 + [-1.0] * 10)
    assert turned[10] == pytest.approx(-1.0)
    factor, alike = _pace([0.0] * 20)
    assert not factor.any()
    assert not alike.any()


def test_a_clip_shorter_than_both_sides_has_none() -> None:
    factor, alike = _pace([1.0, 2.0])
    assert factor.tolist() == alike.tolist() == [0.0, 0.0]
