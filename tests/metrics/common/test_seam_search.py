from __future__ import annotations

import numpy as np
import pytest

from lvbench.features.base import Features
from lvbench.metrics.base import VideoContext
from lvbench.metrics.common.jumps import Jumps
from lvbench.metrics.common.seam_search import irregular_seams, outliers, velocity_seams

FPS, PAIRS = 10.0, 60


def _state(shifts: np.ndarray, seen: np.ndarray | None = None, **context: object) -> Jumps:
    """Return the pairs of a picture that moves by `shifts`, `(n, 2)` pixels, where it is `seen`."""
    state = Jumps(VideoContext(**context))  # type: ignore[arg-type]
    gray = np.zeros((2, 36, 64), np.uint8)
    seen = np.ones((36, 64), np.bool_) if seen is None else seen
    rng = np.random.default_rng(5)
    for k, shift in enumerate(shifts):
        flow = np.where(seen[..., None], np.float32(shift), rng.normal(0, 5, 2))[None].astype(
            np.float32
        )
        arrays = {
            "gray": gray, "forward": flow, "backward": -flow, "dt": np.array([1 / FPS]),
            "consistent": seen[None], "consistent_backward": np.ones((1, 36, 64), np.bool_),
        }  # fmt: skip
        state.add_flow(Features(np.array([(k + 1) / FPS]), arrays))
    flat = np.zeros(len(shifts) + 1)
    state.add_colour(Features(np.arange(len(flat)) / FPS, {f"mean_{c}": flat for c in "Lab"}))
    return state


@pytest.fixture
def shifts() -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.array([1.0, 0.0]) + rng.normal(0, 0.05, (PAIRS, 2))


def _irregular(shifts: np.ndarray, **context: object) -> list[int]:
    state = _state(shifts, **context)
    found = irregular_seams(state, state.by_kind(), np.zeros(PAIRS, np.bool_), 4.0)
    return np.flatnonzero(found).tolist()


def test_single_jumps_of_position_are_found_where_nobody_ordered_them(shifts: np.ndarray) -> None:
    assert _irregular(shifts) == []
    shifts[[13, 40]] += (0.0, 3.0)
    assert _irregular(shifts) == [13, 40]
    assert _irregular(shifts, prompts=((0.0, "a"), (1.4, "b"))) == [40]
    assert _irregular(shifts, cuts=(4.1,), segment_seconds=0.2) == [13]


def test_what_flow_cannot_join_is_no_jump_of_position(shifts: np.ndarray) -> None:
    seen = np.zeros((36, 64), np.bool_)
    seen[:10] = True
    assert _state(shifts, seen).by_kind()["position"].max() * np.hypot(36, 64) < 0.5


def test_points_that_jump_each_their_own_way_are_no_jump_of_position(shifts: np.ndarray) -> None:
    flows = np.tile(shifts[:, None, None], (1, 36, 64, 1))
    flows[20] += 3.0
    flows[40] += np.random.default_rng(6).normal(3.0, 4.0, (36, 64, 2))
    position = _state(flows).by_kind()["position"] * np.hypot(36, 64)
    assert position[20] > 2.0
    assert position[40] < 0.5


def test_shaking_is_no_seam(shifts: np.ndarray) -> None:
    assert _irregular(shifts + np.random.default_rng(1).normal(0, 1, shifts.shape)) == []


def test_a_speed_that_changes_at_once_and_stays_is_a_velocity_seam(shifts: np.ndarray) -> None:
    none = np.zeros(PAIRS, np.bool_)
    shifts[30:] *= 1.5
    found = velocity_seams(_state(shifts), none, 4.0)
    assert found is not None
    (at,) = np.flatnonzero(found)
    assert at == pytest.approx(30, abs=1)
    assert found[at] == pytest.approx(np.log2(1.5), abs=0.15)
    slowly = np.linspace(1, 1.5, PAIRS)[:, None] * np.array([1.0, 0.0])
    steady = velocity_seams(_state(slowly), none, 4.0)
    assert steady is not None
    assert not steady.any()


def test_where_nothing_moves_as_before_speed_is_not_measured() -> None:
    turning = np.random.default_rng(2).normal(0, 1, (PAIRS, 2))
    assert velocity_seams(_state(turning), np.zeros(PAIRS, np.bool_), 4.0) is None
    assert velocity_seams(_state(0 * turning), np.zeros(PAIRS, np.bool_), 4.0) is None


def test_an_outlier_exceeds_the_upper_quartile_around_it_or_the_floor() -> None:
    x = np.ones(21)
    x[10] = 6.0
    assert outliers(x, 0.5, 5)[10] == pytest.approx(6.0)
    assert outliers(x, 3.0, 5)[10] == pytest.approx(2.0)
