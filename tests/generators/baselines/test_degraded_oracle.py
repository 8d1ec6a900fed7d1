"""Planted faults are there, of the size that was asked for, and nothing else is changed."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.generators.baselines.degraded_oracle import DegradedOracle
from lvbench.generators.baselines.oracle import Oracle
from lvbench.generators.baselines.pixel_faults import blurred
from lvbench.generators.contract.base import Request
from lvbench.generators.registry import build
from lvbench.video.audio.decode import AudioReader
from lvbench.video.manifest.entry import Prompt

TEXT = "scene=meadow; cast=red solid disc, blue solid square; camera={}; light=noon"
STILL = Request("a", (Prompt(text=TEXT.format("still")),), 10.0, 8.0, 64, 64, 5)
RETURN = replace(STILL, prompts=(Prompt(text=TEXT.format("return right")),), seconds=40.0)

Clip = NDArray[np.uint8]


def clip(faults: str, request: Request = STILL) -> Clip:
    return np.concatenate(list(DegradedOracle(faults).frames(request)))


def clean(request: Request = STILL) -> Clip:
    return np.concatenate(list(Oracle().frames(request)))


@pytest.mark.parametrize(
    "faults",
    ["exposure=0", *(f"{f}=0" for f in ("blur", "freeze", "loop", "seam", "swap", "forget"))],
)
def test_a_dose_of_nothing_changes_nothing(faults: str) -> None:
    np.testing.assert_array_equal(clip(faults), clean())


def test_the_exposure_ends_where_it_was_asked_to() -> None:
    found, wanted = clip("exposure=-0.4").mean((1, 2, 3)), clean().mean((1, 2, 3))
    np.testing.assert_allclose(found / wanted, np.linspace(1, 0.6, 80), atol=0.004)


def test_the_colour_turns_warm_by_what_was_asked() -> None:
    red, green, blue = (clip("colour=0.2").mean((1, 2)) / clean().mean((1, 2))).T
    np.testing.assert_allclose(green, 1)
    np.testing.assert_allclose(red[[0, 40]], 1 + 0.2 * np.array([0, 40 / 79]), atol=0.004)
    np.testing.assert_allclose(blue, np.linspace(1, 0.8, 80), atol=0.004)


def test_sharpness_falls_from_its_time_on() -> None:
    found, whole = clip("blur=8@5"), clean()
    np.testing.assert_array_equal(found[:41], whole[:41])
    # 8 pixels of 256 are 2 of 64.
    np.testing.assert_array_equal(found[40:], blurred(whole[40:], np.linspace(0, 2, 40)))
    assert found[-1].std() < 0.9 * whole[-1].std()


def test_flicker_has_its_deviation_and_is_the_same_again() -> None:
    found = clip("flicker=0.05").mean((1, 2, 3)) / clean().mean((1, 2, 3))
    assert np.std(found) == pytest.approx(0.05, rel=0.2)
    np.testing.assert_array_equal(clip("flicker=0.05"), clip("flicker=0.05"))


def test_the_frozen_and_the_looped_show_the_worlds_frames() -> None:
    whole = clean()
    np.testing.assert_array_equal(
        clip("freeze=2@3"), whole[[*range(25), *[24] * 16, *range(41, 80)]]
    )
    np.testing.assert_array_equal(clip("loop=1")[40:], np.resize(whole[40:48], (40, 64, 64, 3)))


def test_seams_jump_and_are_declared(tmp_path: Path) -> None:
    generator = DegradedOracle("seam=12@2.5")
    assert generator.make(STILL, tmp_path / "a.mp4").seams == (2.5, 5.0, 7.5)
    jump = np.abs(np.diff(clip("seam=12@2.5").astype(float), axis=0)).mean((1, 2, 3))
    assert sorted(np.argsort(jump)[-3:].tolist()) == [19, 39, 59]
    np.testing.assert_array_equal(clip("seam=12@2.5")[:20], clean()[:20])


def test_a_swapped_member_moves_on_as_another() -> None:
    found, wanted = clip("swap=1@5"), clean()
    np.testing.assert_array_equal(found[:40], wanted[:40])
    changed = (found[40:] != wanted[40:]).any(-1)
    assert changed.any((1, 2)).all()
    # Only where the member is: the other and the scene stay.
    assert 0.01 < changed.mean() < 0.2
    both = (clip("swap=2@5")[40:] != wanted[40:]).any(-1)
    assert both.mean() > changed.mean()


def test_the_cast_is_another_after_each_return() -> None:
    found, wanted = clip("forget=2", RETURN), clean(RETURN)
    np.testing.assert_array_equal(found[:64], wanted[:64])
    at_home = {"first": 0, "second": 128, "third": 256}
    colours = {
        name: {tuple(c) for c in found[at : at + 8].reshape(-1, 3)[::7].tolist()}
        for name, at in at_home.items()
    }
    assert not np.array_equal(found[128:160], wanted[128:160])
    assert colours["second"] != colours["third"]


def test_what_is_never_left_is_never_forgotten() -> None:
    plan = DegradedOracle("forget=2").plan(STILL)
    assert "forget has no effect: the camera never leaves" in plan.notes
    assert not DegradedOracle("forget=2").plan(RETURN).notes
    np.testing.assert_array_equal(clip("forget=2"), clean())


@pytest.mark.parametrize("late", [0.25, -0.25])
def test_the_sound_is_late_or_early(tmp_path: Path, late: float) -> None:
    def heard(generator: Oracle) -> NDArray[np.float32]:
        path = generator.make(STILL, tmp_path / "a.mp4").path
        with AudioReader(path) as reader:
            return np.concatenate([s.samples[:, 0] for s in reader])

    wanted, found = heard(Oracle()), heard(DegradedOracle(f"audio={late}"))
    assert len(found) == len(wanted) == 160000
    by = round(late * 16000)
    if by > 0:
        np.testing.assert_allclose(found[by:], wanted[:-by], atol=2 / 32768)
    else:
        np.testing.assert_allclose(found[:by], wanted[-by:], atol=2 / 32768)


def test_faults_come_together_and_the_name_says_which() -> None:
    generator = build("degraded-oracle:seam=5@2,exposure=-0.2,swap=1")
    assert generator.info.name == "degraded-oracle:seam=5@2,exposure=-0.2,swap=1"
    assert len(np.concatenate(list(generator.frames(STILL)))) == 80


def test_memory_does_not_grow_with_the_length() -> None:
    def peak(seconds: float) -> int:
        generator = DegradedOracle("exposure=-0.3,loop=20@1,seam=5,forget=1,swap=1,flicker=0.01")
        tracemalloc.start()
        try:
            for _ in generator.frames(replace(RETURN, seconds=seconds)):
                pass
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(10.0)
    assert peak(120.0) < 1.2 * peak(10.0) + 2**20
