"""Actors, other scenes, and the faults of subject, background, view and cuts."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from lvbench.errors import UsageError
from lvbench.validity.clip import ArrayClip, Clip, Pictures
from lvbench.validity.faults.fault import Fault
from lvbench.validity.faults.subjects import SUBJECTS
from lvbench.validity.looks import BODIES, THINGS, WALKERS
from lvbench.validity.scenes import Matched, Remapped
from lvbench.validity.stage import Staged, base

FPS = 8.0
PLANTED = [fault for fault in SUBJECTS.values() if fault.needs]


def named(fault: Fault) -> str:
    return fault.name


@pytest.fixture(scope="module")
def clip() -> Clip:
    """Return 4 s of a moving texture."""
    noise = np.random.default_rng(0).integers(0, 256, (72, 168, 3), dtype=np.uint8)
    canvas = cv2.GaussianBlur(noise, (0, 0), 1.5)
    return ArrayClip(np.stack([canvas[:, i : i + 128] for i in range(32)]), FPS)


@pytest.fixture(scope="module")
def other() -> Clip:
    """Return a short, dark, grey clip of another size and rate."""
    noise = np.random.default_rng(1).integers(0, 60, (20, 36, 48, 1), dtype=np.uint8)
    return ArrayClip(noise.repeat(3, axis=3), 10.0)


def whole(clip: Clip, block: int = 16) -> Pictures:
    return np.concatenate(list(clip.blocks(block)))


def based(fault: Fault, clip: Clip) -> Clip:
    return base(clip, next(iter(fault.needs)), seed=1)


@pytest.mark.parametrize("need", ["subject", "object"])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_figure_is_in_every_frame(clip: Clip, need: str, seed: int) -> None:
    apart = np.abs(whole(base(clip, need, seed)).astype(int) - whole(clip)).max(axis=3) > 30
    assert apart.mean(axis=(1, 2)).min() > 0.005
    assert apart.mean(axis=(1, 2)).max() < 0.15
    rows = np.flatnonzero(apart.any(axis=(0, 2)))
    assert 0.15 < (rows[-1] - rows[0]) / clip.shape.height < 0.6


def test_a_subject_moves_and_an_object_stands(clip: Clip) -> None:
    flat = ArrayClip(np.full((32, 72, 128, 3), 128, np.uint8), FPS)
    walked = whole(base(flat, "subject", 2))
    stood = whole(base(flat, "object", 2))
    assert np.array_equal(stood, np.tile(stood[:1], (32, 1, 1, 1)))
    steps = np.abs(np.diff(walked.astype(int), axis=0)).sum(axis=(1, 2, 3))
    assert steps.min() > 0
    assert steps.max() < 6 * np.median(steps)


def test_looks_differ_by_seed_and_take_the_light_of_the_scene(clip: Clip, other: Clip) -> None:
    first = [whole(base(clip, "subject", seed))[0] for seed in range(4)]
    assert len({picture.tobytes() for picture in first}) == 4
    grey = whole(base(other, "subject", 0)).astype(int)
    assert np.ptp(grey, axis=3).max() <= 1
    assert set(WALKERS) | set(THINGS) == set(BODIES)


@pytest.mark.parametrize("fault", PLANTED, ids=named)
def test_more_is_further_from_the_base_and_nothing_changes_before(fault: Fault, clip: Clip) -> None:
    stage = based(fault, clip)
    untouched = whole(stage).astype(int)
    apart = []
    for dose in fault.doses:
        planted = whole(fault.planted(stage, dose, seed=2))
        changed = np.abs(planted - untouched).sum(axis=(1, 2, 3))
        first = int(np.flatnonzero(changed)[0])
        assert first >= int(fault.start * len(changed))
        apart.append(changed.sum() if fault.unit != "colours, cloth, body" else dose)
    assert apart == sorted(apart)
    assert apart[0] > 0


@pytest.mark.parametrize("fault", PLANTED, ids=named)
def test_frames_are_the_same_however_they_are_read(fault: Fault, clip: Clip) -> None:
    planted = fault.planted(based(fault, clip), fault.doses[1], seed=3)
    assert np.array_equal(whole(planted, 5), planted.take(np.arange(32)[::-1])[::-1])


@pytest.mark.parametrize("name", ["subject_swapped", "subject_gone", "subject_doubled"])
def test_faults_of_the_subject_leave_the_background(name: str, clip: Clip) -> None:
    stage = base(clip, "subject", 0)
    planted = whole(SUBJECTS[name].planted(stage, SUBJECTS[name].doses[2]))
    assert (np.abs(planted - whole(stage).astype(int)).max(axis=3) > 0).mean() < 0.15


def test_a_subject_that_is_gone_leaves_the_clip(clip: Clip) -> None:
    planted = whole(SUBJECTS["subject_gone"].planted(base(clip, "subject"), 1.0, start=1.0))
    assert np.array_equal(planted[10:], whole(clip)[10:])
    back = SUBJECTS["subject_gone"].planted(base(clip, "subject"), 0.25, start=1.0)
    assert np.array_equal(whole(back)[-1], whole(base(clip, "subject"))[-1])


def test_a_background_swap_leaves_the_subject(clip: Clip, other: Clip) -> None:
    stage = base(clip, "subject", 1, other)
    assert isinstance(stage, Staged)
    flat = ArrayClip(np.full((32, 72, 128, 3), 128, np.uint8), FPS)
    figure = whole(stage.moved(flat)) != 128
    inside = np.stack([cv2.erode(f.all(axis=2).astype(np.uint8), np.ones((3, 3))) for f in figure])
    planted = SUBJECTS["background_swapped"].planted(stage, 1.0)
    changed = np.abs(whole(planted)[20:] - whole(stage)[20:].astype(int)).max(axis=3)
    assert changed[inside[20:] > 0].mean() < 0.1 * changed[inside[20:] == 0].mean()


def test_a_view_changes_out_of_sight(clip: Clip) -> None:
    tour = base(clip, "view")
    changed = SUBJECTS["view_changed"].planted(tour, 1.0)
    home, now = whole(tour).astype(int), whole(changed)
    assert np.array_equal(home[:4], whole(clip)[:4])
    assert np.array_equal(home[15], whole(clip)[15, :, ::-1])
    assert np.array_equal(now[:19], home[:19])
    assert np.abs(now[-4:] - home[-4:]).mean() > 5


def test_cuts_are_as_many_as_the_dose(clip: Clip) -> None:
    for dose in (1, 2, 4):
        planted = whole(SUBJECTS["cuts"].planted(clip, dose))
        steps = np.abs(np.diff(planted.astype(int), axis=0)).mean(axis=(1, 2, 3))
        assert (steps > 2 * np.median(steps)).sum() == dose


def test_another_scene_has_the_size_light_and_rate_of_the_clip(clip: Clip, other: Clip) -> None:
    for scene in (Remapped(clip, 1), Matched(other, clip), Matched(clip, other)):
        pictures = whole(scene)
        assert len(pictures) == scene.shape.frames
        assert pictures.shape[1:3] == (scene.shape.height, scene.shape.width)
    assert whole(Matched(other, clip)).mean() == pytest.approx(whole(clip).mean(), abs=3)
    assert np.ptp(whole(Matched(clip, other)).astype(int), axis=3).max() <= 2


def test_a_plain_clip_is_refused_with_what_to_do(clip: Clip) -> None:
    with pytest.raises(UsageError, match=r"stage\.base"):
        SUBJECTS["subject_gone"].planted(clip, 1.0)
    with pytest.raises(UsageError, match="'view'"):
        SUBJECTS["view_changed"].planted(clip, 1.0)
