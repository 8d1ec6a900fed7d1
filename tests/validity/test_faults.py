"""Every fault of the catalogue: what holds for all of them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from lvbench.validity.clip import ArrayClip, Clip, Numbers, Pictures
from lvbench.validity.faults.catalogue import FAULTS, STANDARD, planted_array
from lvbench.validity.faults.fault import Fault

FPS = 12.0
# Frames of other times: their distance from the clip's own depends on what moves.
DISORDER = {"loop", "loop_faded", "shuffled", "reversed", "seam_velocity"}
PLAIN = [fault for fault in FAULTS.values() if not fault.needs]
STARTS = [fault for fault in PLAIN if fault.name != "seam_irregular"]


def named(fault: Fault) -> str:
    return fault.name


@pytest.fixture(scope="module")
def frames() -> Pictures:
    """Return 72 frames of a moving texture, no two alike; they may not be written to."""
    noise = np.random.default_rng(0).integers(0, 256, (40, 280, 3), dtype=np.uint8)
    canvas = np.clip(cv2.GaussianBlur(noise, (0, 0), 0.8) * 2.0 - 128, 0, 255).astype(np.uint8)
    clip = np.stack([canvas[4:36, 2 * i : 2 * i + 128] for i in range(72)])
    clip.flags.writeable = False
    return clip


class Counted(Clip):
    """A clip that counts the frames of the largest read."""

    def __init__(self, clip: Clip) -> None:
        self._clip, self.shape, self.largest = clip, clip.shape, 0

    def take(self, numbers: Numbers) -> Pictures:
        self.largest = max(self.largest, len(numbers))
        return self._clip.take(numbers)


def whole(clip: Clip, block: int = 16) -> Pictures:
    return np.concatenate(list(clip.blocks(block)))


def test_every_standard_fault_is_there_with_three_doses_that_grow() -> None:
    assert set(STANDARD) <= set(FAULTS)
    assert len(set(STANDARD)) == len(STANDARD)
    for name, fault in FAULTS.items():
        assert name == fault.name
        assert len(fault.doses) == 3
        assert 0 < fault.doses[0] < fault.doses[1] < fault.doses[2]


@pytest.mark.parametrize("fault", PLAIN, ids=named)
def test_no_dose_is_the_clip_itself(fault: Fault, frames: Pictures) -> None:
    clip = ArrayClip(frames, FPS)
    assert fault.planted(clip, 0.0) is clip


@pytest.mark.parametrize("fault", PLAIN, ids=named)
def test_frames_are_the_same_however_they_are_read(fault: Fault, frames: Pictures) -> None:
    source = Counted(ArrayClip(frames, FPS))
    planted = fault.planted(source, fault.doses[1], seed=3)
    out = whole(planted)
    assert (out.shape, out.dtype) == (frames.shape, np.dtype(np.uint8))
    assert source.largest <= 16
    again = fault.planted(ArrayClip(frames, FPS), fault.doses[1], seed=3)
    backwards = again.take(np.arange(len(frames))[::-1])
    assert np.array_equal(whole(again, 7), out)
    assert np.array_equal(backwards[::-1], out)


@pytest.mark.parametrize("fault", PLAIN, ids=named)
def test_more_is_further_from_the_clip(fault: Fault, frames: Pictures) -> None:
    clip = ArrayClip(frames, FPS)
    apart = [np.abs(whole(fault.planted(clip, d)) - frames.astype(int)).mean() for d in fault.doses]
    assert min(apart) > 0
    assert apart == sorted(apart) or fault.name in DISORDER


@pytest.mark.parametrize("fault", PLAIN, ids=named)
def test_nothing_changes_before_the_start(fault: Fault, frames: Pictures) -> None:
    out = planted_array(fault.name, frames, FPS, fault.doses[2], start=3.0)
    assert np.array_equal(out[:36], frames[:36])
    assert not np.array_equal(out, frames)


@pytest.mark.parametrize("fault", PLAIN, ids=named)
def test_an_event_ends_before_the_clip_does(fault: Fault, frames: Pictures) -> None:
    out = planted_array(fault.name, frames, FPS, fault.doses[1])
    first, last = (not np.array_equal(out[i], frames[i]) for i in (0, -1))
    if fault.shape == "event":
        assert not last
    if fault.shape == "step":
        assert last
    if fault.shape in ("step", "ramp"):
        assert not first


def test_faults_are_planted_one_on_another(frames: Pictures) -> None:
    clip = ArrayClip(frames, FPS)
    both = FAULTS["warm_ramp"].planted(FAULTS["freeze"].planted(clip, 2.0), 0.35)
    frozen = planted_array("freeze", frames, FPS, 2.0)
    assert np.array_equal(whole(both), planted_array("warm_ramp", frozen, FPS, 0.35))


@pytest.mark.parametrize(
    "name", ["flicker_global", "flicker_local", "boiling", "noise_ramp", "judder", "seam_irregular"]
)
def test_another_seed_draws_another_fault(name: str, frames: Pictures) -> None:
    dose = FAULTS[name].doses[2]
    drawn = [planted_array(name, frames, FPS, dose, seed=seed) for seed in (1, 2)]
    assert not np.array_equal(*drawn)
