"""A dose does what its unit says."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from lvbench.validity.clip import ArrayClip, Pictures
from lvbench.validity.faults import timing
from lvbench.validity.faults.appearance import PROFILES
from lvbench.validity.faults.catalogue import planted_array
from lvbench.validity.faults.seams import seam_regular

FPS = 10.0


def flat(count: int, level: int = 100) -> Pictures:
    return np.full((count, 48, 64, 3), level, np.uint8)


def counted(count: int) -> Pictures:
    """Return frames whose level is their number."""
    return np.arange(count, dtype=np.uint8)[:, None, None, None].repeat(3, 3)


def numbers(name: str, dose: float, start: float | None = None, count: int = 100) -> list[int]:
    out = planted_array(name, counted(count), FPS, dose, start=start)[:, 0, 0, 0]
    return [int(n) for n in out]


def test_a_ramp_ends_at_its_dose() -> None:
    dark = planted_array("dark_ramp", flat(11), FPS, 0.5)[:, 0, 0, 0]
    assert dark.tolist() == list(range(100, 49, -5))
    warm = planted_array("warm_ramp", flat(3), FPS, 0.2)[:, 0, 0]
    assert warm.tolist() == [[100, 100, 100], [110, 100, 90], [120, 100, 80]]
    assert planted_array("bright_ramp", flat(2, 200), FPS, 1.0)[1].max() == 255


@pytest.mark.parametrize(
    ("name", "span"),
    [("middle", (12, 88)), ("early", (2, 8)), ("blip", (47, 53)), ("late", (85, 100))],
)
def test_a_profile_has_its_place(name: str, span: tuple[int, int]) -> None:
    profile = PROFILES[name]
    weights = profile.weights(ArrayClip(flat(100), FPS).shape, profile.start * 10)
    assert (np.flatnonzero(weights)[[0, -1]] + [0, 1]).tolist() == list(span)
    assert weights.max() == 1


def test_light_and_colour_stay_apart() -> None:
    picture = np.random.default_rng(0).integers(60, 190, (1, 48, 64, 3), dtype=np.uint8)
    clip = picture.repeat(2, 0)
    luma = np.array([0.299, 0.587, 0.114])
    for name, dose in (("saturation_ramp", 0.5), ("hue_ramp", 20.0)):
        change = planted_array(name, clip, FPS, dose)[1] @ luma - picture[0] @ luma
        assert abs(change).max() < 1.0
    grey = planted_array("contrast_ramp", clip, FPS, 0.5)[1]
    assert grey.mean() == pytest.approx(picture.mean(), abs=0.1)
    assert grey.std() == pytest.approx(picture.std() / 2, rel=0.01)


def test_flicker_has_the_gains_of_its_dose() -> None:
    gains = planted_array("flicker_global", flat(200), FPS, 0.05)[:, 0, 0, 0] / 100
    assert gains.std() == pytest.approx(0.05, rel=0.15)
    cells = planted_array("flicker_local", flat(2), FPS, 0.1)
    assert len(np.unique(cells[0, :12, :12])) == 1
    assert len(np.unique(cells[0])) > 3


def test_texture_sticks_where_it_was() -> None:
    moving = np.random.default_rng(0).integers(0, 256, (48, 272, 3), dtype=np.uint8)
    clip = np.stack([moving[:, i : i + 256] for i in range(8)])
    stuck = planted_array("sticking", clip, FPS, 1.0)
    near = np.corrcoef(stuck[7].ravel(), clip[0].ravel())[0, 1]
    assert near > 0.8 > np.corrcoef(clip[7].ravel(), clip[0].ravel())[0, 1] + 0.5
    still = clip[:1].repeat(4, 0)
    assert np.array_equal(planted_array("sticking", still, FPS, 0.5), still)


def test_a_freeze_holds_one_frame_for_its_seconds() -> None:
    assert numbers("freeze", 2.0, 3.0) == [*range(30), *[30] * 21, *range(51, 100)]


@pytest.mark.parametrize("repeats", [1, 3, 99])
def test_a_loop_repeats_with_its_period(repeats: int) -> None:
    clip = counted(60)
    plant = partial(timing.loop, period=0.8)
    out = planted_array(plant, clip, FPS, repeats * 8 / 60, start=0.5)
    end = min(60, 5 + 8 * (repeats + 1))
    assert np.array_equal(out[13:end], out[5 : end - 8])
    assert np.array_equal(out[:13], clip[:13])
    assert np.array_equal(out[end:], clip[end:])


def test_a_faded_loop_has_no_jump_but_the_last() -> None:
    assert np.sort(np.diff(numbers("loop", 0.4)))[:2].tolist() == [-19, -19]
    assert np.diff(numbers("loop_faded", 0.4)).min() >= -8


def test_time_runs_as_the_dose_says() -> None:
    assert numbers("slow_motion", 1.0)[::2] == list(range(50))
    back = numbers("reversed", 0.6)
    assert back == [*range(59, -1, -1), *range(60, 100)]
    assert sorted(numbers("shuffled", 1.0)) == list(range(100))
    moved = sum(n != k for k, n in enumerate(numbers("shuffled", 0.5)))
    assert moved / 100 == pytest.approx(0.5, abs=0.1)
    lost = np.diff(numbers("dropped_frames", 0.3))
    assert 0.15 < (lost == 0).mean() < 0.45
    assert lost.max() >= 2
    doubled = np.diff(numbers("doubled_frames", 0.3))
    assert set(doubled) == {0, 1}
    assert np.diff(numbers("judder", 2.5)).min() >= 0


def test_seams_change_whole_chunks_and_leave_the_first() -> None:
    clip = np.random.default_rng(0).integers(0, 256, (30, 48, 64, 3), dtype=np.uint8)
    out = planted_array(partial(seam_regular, every=0.8), clip, FPS, 4.0)
    changed = [not np.array_equal(a, b) for a, b in zip(out, clip, strict=True)]
    assert changed == [False] * 8 + [True] * 22


def test_seams_shift_by_the_dose_in_256ths_of_the_width() -> None:
    ramp = np.tile(np.arange(256, dtype=np.uint8)[None, None, :, None], (4, 64, 1, 3))
    plant = partial(seam_regular, every=0.2)
    shifts = []
    for seed in range(20):
        row = planted_array(plant, ramp, FPS, 6.0, seed=seed)[2, 32, :, 1].astype(int)
        slope, level = np.polyfit(np.arange(40, 200), row[40:200], 1)
        shifts.append(-level / slope)
    assert max(np.abs(shifts)) <= 6.5
    assert np.std(shifts) > 2


def test_speed_changes_at_the_seams() -> None:
    speeds = np.diff(numbers("seam_velocity", 0.5, count=200))
    assert speeds[2:18].mean() == pytest.approx(0.5, abs=0.1)
    assert speeds[22:38].mean() == pytest.approx(1.5, abs=0.1)
