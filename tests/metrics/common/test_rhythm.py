from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.metrics.common.rhythm import Beat, beats, gaps

Floats = NDArray[np.float64]


def walk(n: int = 96, seed: int = 0) -> Floats:
    """Return the motion of a natural clip: uneven by a twentieth, drifting."""
    rng = np.random.default_rng(seed)
    found: Floats = 0.01 * (1 + 0.05 * rng.standard_normal(n) + 0.3 * np.sin(np.arange(n) / 15))
    return found


def found(motion: Floats) -> list[Beat]:
    return beats(motion, np.nan_to_num(300 * motion))


@pytest.mark.parametrize("seed", range(8))
def test_natural_motion_has_no_beat(seed: int) -> None:
    assert found(walk(400, seed)) == []


def test_noise_has_next_to_none() -> None:
    """Motion that knows nothing of the pair before is worse than any video's."""
    noise = [np.random.default_rng(seed).exponential(0.01, 400) for seed in range(30)]
    assert sum(len(found(motion)) for motion in noise) <= 3


def test_every_second_frame_held() -> None:
    motion = walk()
    motion[31:62:2] += motion[30:61:2]
    motion[30:61:2] = 0
    (beat,) = found(motion)
    assert (beat.kind, beat.first, beat.last, beat.period, beat.count) == ("doubled", 30, 60, 2, 16)


def test_two_of_three_pairs_stand_in_animation_on_threes() -> None:
    motion = np.zeros(96)
    motion[::3] = 3 * walk(32)
    (beat,) = found(motion)
    assert (beat.kind, beat.period, beat.count) == ("doubled", 3, 64)


@pytest.mark.parametrize(("factor", "kind"), [(2.0, "dropped"), (1.45, "jerk")])
def test_a_jump_by_a_frame_is_a_dropped_one_and_less_is_jerk(factor: float, kind: str) -> None:
    motion = walk()
    motion[10:90:4] *= factor
    (beat,) = found(motion)
    assert (beat.kind, beat.first, beat.last, beat.period) == (kind, 10, 86, 4)
    assert beat.ratio == pytest.approx(factor, rel=0.1)


def test_a_freeze_is_no_beat() -> None:
    motion = walk()
    motion[40:70] = 0
    assert found(motion) == []


def test_a_cut_hides_no_beat() -> None:
    motion = walk()
    motion[20:80:4] = 0
    motion[47] = np.nan
    assert [beat.period for beat in found(motion)] == [4]


def test_gaps_in_time_are_dropped_frames_with_their_number() -> None:
    dt = np.full(60, 1 / 24)
    dt[10:30:2] = 2 / 24
    dt[50] = 4 / 24
    moving = np.full(60, 0.01)
    first, single = gaps(dt, moving)
    assert (first.kind, first.first, first.last, first.period) == ("dropped", 10, 28, 2)
    assert first.count == 10
    assert (single.first, single.period, single.count) == (50, 0, 3)
    assert gaps(dt, np.zeros(60)) == []
    assert gaps(np.full(60, 0.033) + np.arange(60) % 3 * 0.0005, moving) == []


def test_too_few_pairs_have_none() -> None:
    assert found(walk(7)) == []
    assert beats(np.empty(0), np.empty(0)) == []
    assert gaps(np.empty(0), np.empty(0)) == []
