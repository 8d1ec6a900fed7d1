"""Planted faults: a dose of nothing changes nothing, a dose does what it says, inputs stay."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.validity.faults import arrays as faults

Clip = NDArray[np.uint8]

NOTHING: dict[str, Callable[[Clip], Clip]] = {
    "flicker": lambda c: faults.flicker(c, 0.0),
    "local_flicker": lambda c: faults.local_flicker(c, 0.0),
    "freeze": lambda c: faults.freeze(c, 5, 0),
    "loop": lambda c: faults.loop(c, 5, 4, 0),
    "seams": lambda c: faults.seams(c, 8, 0.0),
    "brightness_ramp": lambda c: faults.brightness_ramp(c, 0.0),
    "blur_ramp": lambda c: faults.blur_ramp(c, 0.0),
    "colour_ramp": lambda c: faults.colour_ramp(c, 0.0),
}
DOSED: dict[str, Callable[[Clip, float], Clip]] = {
    "flicker": lambda c, d: faults.flicker(c, 0.05 * d),
    "local_flicker": lambda c, d: faults.local_flicker(c, 0.05 * d, cell=16),
    "freeze": lambda c, d: faults.freeze(c, 5, round(8 * d)),
    "loop": lambda c, d: faults.loop(c, 5, 4, round(3 * d)),
    "seams": lambda c, d: faults.seams(c, 8, 4.0 * d),
    "brightness_ramp": lambda c, d: faults.brightness_ramp(c, -0.3 * d),
    "blur_ramp": lambda c, d: faults.blur_ramp(c, 1.5 * d),
    "colour_ramp": lambda c, d: faults.colour_ramp(c, 0.3 * d),
}


@pytest.fixture
def clip() -> Clip:
    """Return 30 frames of moving texture with no two alike; it may not be written to."""
    canvas = np.random.default_rng(0).integers(0, 256, (60, 110, 3), dtype=np.uint8)
    frames = np.stack([canvas[5:53, i : i + 70] for i in range(30)])
    frames.flags.writeable = False
    return frames


@pytest.mark.parametrize("name", NOTHING)
def test_a_dose_of_nothing_changes_nothing(clip: Clip, name: str) -> None:
    assert np.array_equal(NOTHING[name](clip), clip)


@pytest.mark.parametrize("name", DOSED)
def test_a_new_clip_of_the_same_shape_is_returned_and_the_input_stays(
    clip: Clip, name: str
) -> None:
    before = clip.copy()
    out = DOSED[name](clip, 1.0)
    assert (out.shape, out.dtype) == (clip.shape, np.dtype(np.uint8))
    assert not np.shares_memory(out, clip)
    assert np.array_equal(clip, before)
    assert not np.array_equal(out, clip)


@pytest.mark.parametrize("name", DOSED)
def test_more_of_a_fault_is_further_from_the_clip(clip: Clip, name: str) -> None:
    apart = [np.abs(DOSED[name](clip, d).astype(int) - clip).mean() for d in (0.34, 0.67, 1.0)]
    assert 0 < apart[0] < apart[1] < apart[2]


@pytest.mark.parametrize("name", ["flicker", "local_flicker", "seams"])
def test_drawn_faults_are_the_same_for_the_same_seed(clip: Clip, name: str) -> None:
    plant = getattr(faults, name)
    given = (8, 4.0) if name == "seams" else (0.05,)
    assert np.array_equal(plant(clip, *given, seed=1), plant(clip, *given, seed=1))
    assert not np.array_equal(plant(clip, *given, seed=1), plant(clip, *given, seed=2))


def test_flicker_has_the_gains_that_it_was_asked_for() -> None:
    flat = np.full((200, 4, 4, 3), 100, np.uint8)
    gains = faults.flicker(flat, 0.05)[:, 0, 0, 0] / 100
    assert gains.std() == pytest.approx(0.05, rel=0.15)


def test_local_flicker_is_constant_within_a_cell_and_differs_between_cells() -> None:
    flat = np.full((2, 40, 40, 3), 100, np.uint8)
    out = faults.local_flicker(flat, 0.1, cell=16)
    assert len(np.unique(out[0, :16, :16])) == 1
    assert len(np.unique(out[0])) > 3


def test_freeze_holds_one_frame_for_so_long(clip: Clip) -> None:
    out = faults.freeze(clip, 5, 8)
    assert (out[5:14] == clip[5]).all()
    assert np.array_equal(out[:6], clip[:6])
    assert np.array_equal(out[14:], clip[14:])


@pytest.mark.parametrize("repeats", [1, 3, 99])
def test_loop_repeats_with_its_period(clip: Clip, repeats: int) -> None:
    out = faults.loop(clip, 5, 4, repeats)
    end = min(len(clip), 5 + 4 * (repeats + 1))
    assert np.array_equal(out[9:end], out[5 : end - 4])
    assert np.array_equal(out[:9], clip[:9])
    assert np.array_equal(out[end:], clip[end:])


def test_seams_change_whole_chunks_and_leave_the_first(clip: Clip) -> None:
    out = faults.seams(clip, 8, 4.0)
    assert np.array_equal(out[:8], clip[:8])
    changed = [not np.array_equal(a, b) for a, b in zip(out, clip, strict=True)]
    assert changed == [False] * 8 + [True] * 22


def test_seams_shift_by_the_dose_in_256ths_of_the_width() -> None:
    ramp = np.tile(np.arange(256, dtype=np.uint8)[None, None, :, None], (2, 64, 1, 3))
    moved = np.concatenate([ramp, ramp])
    shifts = []
    for seed in range(20):
        out = faults.seams(moved, 2, 6.0, seed=seed).astype(int)[2, :, :, 1]
        # The middle column shows its neighbour's level times the gain.
        ratio = np.polyfit(np.arange(40, 200), out[32, 40:200], 1)
        shifts.append(-ratio[1] / ratio[0])
    assert max(np.abs(shifts)) <= 6.5
    assert np.std(shifts) > 2


def test_the_brightness_ramp_ends_at_its_dose() -> None:
    flat = np.full((11, 4, 4, 3), 100, np.uint8)
    assert faults.brightness_ramp(flat, -0.5)[:, 0, 0, 0].tolist() == list(range(100, 49, -5))


def test_brightness_is_clipped_and_does_not_wrap() -> None:
    assert faults.brightness_ramp(np.full((2, 2, 2, 3), 200, np.uint8), 1.0)[1].max() == 255


def test_the_colour_ramp_raises_red_and_lowers_blue() -> None:
    out = faults.colour_ramp(np.full((3, 2, 2, 3), 100, np.uint8), 0.2)
    assert out[:, 0, 0].tolist() == [[100, 100, 100], [110, 100, 90], [120, 100, 80]]


def test_the_blur_ramp_softens_more_and_more(clip: Clip) -> None:
    detail = np.abs(np.diff(faults.blur_ramp(clip, 2.0).astype(float), axis=2)).mean(axis=(1, 2, 3))
    assert detail[0] > detail[10] > detail[20] > detail[29]
