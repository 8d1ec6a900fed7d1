from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.video.timing.grid import on_grid

Floats = NDArray[np.float64]
THIRD = 1 / 3


def of_stamps(pts: Floats, progress: Floats) -> Floats:
    new = np.ones(len(pts), np.bool_)
    end = float(pts[-1] + np.median(np.diff(pts)))
    return on_grid(pts, new, np.zeros(len(pts), np.bool_), progress, end)


@pytest.mark.parametrize("wanted", [24, 30, 48, 60])
def test_what_an_export_moved_lies_on_its_own_grid_again(wanted: int) -> None:
    pts = np.arange(96 * wanted // 16) / wanted
    index = np.minimum(95, np.floor(np.arange(len(pts)) * 16 / wanted + 0.5))
    new = np.concatenate([[True], np.diff(index) > 0])
    times = on_grid(pts, new, ~new, np.full(len(pts) - 1, THIRD), 6.0)
    np.testing.assert_allclose(times, np.arange(new.sum()) / 16, atol=1e-9)


def test_a_held_picture_keeps_its_place() -> None:
    pts = np.arange(120) / 24
    index = np.floor(np.arange(120) * 16 / 24 + 0.5)
    new = np.concatenate([[True], np.diff(index) > 0])
    beat = ~new
    new[60:90] = False  # off the beat
    times = on_grid(pts, new, beat, np.full(119, THIRD), 5.0)
    assert np.diff(times).max() == pytest.approx(31 / 24, abs=1 / 24)
    assert (np.diff(times) > 0).all()


def test_jittered_stamps_lie_on_the_grid_where_pictures_move_evenly() -> None:
    jitter = np.random.default_rng(0).uniform(-0.02, 0.02, 64)
    jitter[0] = 0.0
    pts = np.arange(64) / 16 + jitter
    np.testing.assert_allclose(of_stamps(pts, np.full(63, THIRD)), np.arange(64) / 16, atol=1e-9)


def test_stamps_that_motion_follows_stay() -> None:
    """Every fourth frame is missing, and so the picture moves twice as far there."""
    pts = np.delete(np.arange(96) / 24, slice(3, None, 4))
    dt = np.diff(pts)
    share = np.concatenate([[THIRD], dt[1:-1] / (dt[:-2] + dt[1:-1] + dt[2:]), [THIRD]])
    np.testing.assert_array_equal(of_stamps(pts, share), pts)


def test_milliseconds_and_few_frames_stay() -> None:
    rounded = np.round(np.arange(60) / 24, 3)
    np.testing.assert_array_equal(of_stamps(rounded, np.full(59, THIRD)), rounded)
    few = np.array([0.0, 0.03, 0.1, 0.12])
    np.testing.assert_array_equal(of_stamps(few, np.full(3, THIRD)), few)
