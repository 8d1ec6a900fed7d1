"""Faults of prompts and audio in clips of the world."""

from __future__ import annotations

import numpy as np
import pytest

from lvbench.errors import UsageError
from lvbench.validity.clip import ArrayClip, Changed, Clip
from lvbench.validity.faults.fault import Fault
from lvbench.validity.faults.prompts import PROMPTS
from lvbench.validity.world_clip import (
    WORLDS,
    Performance,
    Recording,
    WorldClip,
    recording,
    world_clip,
)

PROMPTED = next(spec for spec in WORLDS if spec.prompted)
DRUM = next(spec for spec in WORLDS if spec.drum)
OF_PROMPTS = [PROMPTS[f"prompt_{name}"] for name in ("late", "leaked", "ignored")]
OF_AUDIO = [fault for fault in PROMPTS.values() if "audio" in fault.needs]


def named(fault: Fault) -> str:
    return fault.name


@pytest.fixture(scope="module")
def clip() -> Clip:
    return world_clip(PROMPTED)


@pytest.fixture(scope="module")
def drum() -> Clip:
    return world_clip(DRUM)


def heard(clip: Clip) -> np.ndarray:
    assert isinstance(clip, Performance)
    return np.concatenate([block.samples for block in clip.audio()])[:, 0]


@pytest.mark.parametrize("fault", OF_PROMPTS, ids=named)
def test_the_order_stays_and_the_picture_changes(fault: Fault, clip: Clip) -> None:
    numbers = np.arange(0, clip.shape.frames, 6)
    own = clip.take(numbers)
    changed = []
    for dose in fault.doses:
        planted = fault.planted(clip, dose)
        assert isinstance(planted, WorldClip)
        assert recording(planted, clip).prompts == recording(clip, clip).prompts
        assert recording(planted, clip).sounds == recording(clip, clip).sounds
        apart = (planted.take(numbers) != own).any(axis=(1, 2, 3))
        assert not apart[numbers < 4 * clip.shape.fps].any()
        changed.append(np.abs(planted.take(numbers) - own.astype(int)).sum())
    assert changed[0] > 0
    assert fault.name == "prompt_late" or changed == sorted(changed)


def test_prompts_are_followed_as_the_dose_says(clip: Clip) -> None:
    fps, n = clip.shape.fps, np.arange(clip.shape.frames)
    own = clip.take(n)
    late = PROMPTS["prompt_late"].planted(clip, 1).take(n)
    assert np.array_equal(late[int(5 * fps) : int(8 * fps)], own[int(4 * fps) : int(7 * fps)])
    ignored = PROMPTS["prompt_ignored"].planted(clip, 3)
    assert isinstance(ignored, WorldClip)
    steps = np.abs(np.diff(ignored.take(n).astype(int), axis=0)).mean(axis=(1, 2, 3))
    assert steps.max() < 4 * np.median(steps)


def test_a_swapped_cast_moves_as_before_in_the_same_scene(clip: Clip) -> None:
    n = np.arange(88, clip.shape.frames, 8)
    own = clip.take(n).astype(int)
    changed = []
    for dose in (1, 2, 3):
        apart = PROMPTS["cast_swapped"].planted(clip, dose).take(n) != own
        assert not apart[0].any()
        changed.append(apart.any(axis=3)[1:].mean())
    assert 0.01 < changed[0] < changed[2] < 0.25


def test_notes_are_late_or_missing_as_the_dose_says(drum: Clip) -> None:
    own = heard(drum)
    late = heard(PROMPTS["audio_offset"].planted(drum, 0.2))
    assert np.allclose(late[3200:48000], own[: 48000 - 3200], atol=1e-5)
    assert isinstance(drum, Performance)
    times = np.array([note.time for note in drum.heard])
    drifting = PROMPTS["audio_drift"].planted(drum, 10)
    assert isinstance(drifting, Performance)
    assert np.allclose([note.time for note in drifting.heard], times * 1.01)
    left = []
    for dose in PROMPTS["sounds_missing"].doses:
        planted = PROMPTS["sounds_missing"].planted(drum, dose)
        assert isinstance(planted, Performance)
        assert planted.sounds == drum.sounds
        left.append(len(planted.heard) / len(times))
    assert np.allclose(left, [0.8, 0.5, 0.1], atol=0.06)


def test_a_figure_leaps_with_each_note(drum: Clip) -> None:
    assert isinstance(drum, Performance)
    first = [int(np.ceil(note.time * drum.shape.fps)) for note in drum.heard[:6]]
    pictures = drum.take(np.arange(first[-1] + 1)).astype(int)
    steps = np.abs(np.diff(pictures, axis=0)).sum(axis=(1, 2, 3))
    assert set(np.argsort(steps)[-6:] + 1) == set(first)


def test_a_fault_of_any_clip_keeps_the_order_of_its_source(clip: Clip) -> None:
    darker = Changed(clip, lambda pictures, numbers: pictures // 2)
    of_fault, own = recording(darker, clip), recording(clip, clip)
    assert (of_fault.prompts, of_fault.cuts, of_fault.sounds) == (own.prompts, own.cuts, own.sounds)
    assert len(of_fault.audio) == len(own.audio)
    plain = ArrayClip(np.zeros((4, 16, 16, 3), np.uint8), 4.0)
    assert recording(plain, plain) == Recording()


@pytest.mark.parametrize("fault", [OF_PROMPTS[0], OF_AUDIO[0]], ids=named)
def test_a_plain_clip_is_refused(fault: Fault) -> None:
    plain = ArrayClip(np.zeros((4, 16, 16, 3), np.uint8), 4.0)
    with pytest.raises(UsageError, match="source of the world"):
        fault.planted(plain, fault.doses[0])
