from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.metrics import loop
from lvbench.validity.faults import timing
from lvbench.validity.faults.catalogue import planted_array
from tests.metrics.encoded import encoded

Clip = NDArray[np.uint8]
FPS = 12.0


def looped_array(clip: Clip, fps: float, first: int, period: int, repeats: int) -> Clip:
    plant = partial(timing.loop, period=period / fps)
    return planted_array(plant, clip, fps, repeats * period / len(clip), start=first / fps)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_healthy_clip_repeats_nothing(world_clip: Callable[..., Clip], seed: int) -> None:
    score = loop(world_clip(seed), FPS)
    assert score.value == 0.0
    assert not score.events


@pytest.mark.parametrize("period", [13, 20, 29])
def test_the_period_is_found_to_the_frame(
    world_clip: Callable[..., Clip], period: int, tmp_path: Path
) -> None:
    looped = looped_array(world_clip(), FPS, 10, period, 2)
    score = loop(encoded(looped, FPS, tmp_path), FPS)
    assert score.components["period"] == pytest.approx(period / FPS, abs=1.01 / FPS)
    assert score.events[0].start == pytest.approx((10 + period) / FPS, abs=0.5)
    assert score.events[-1].end == pytest.approx((10 + 3 * period) / FPS, abs=0.5)


def test_it_grows_with_the_number_of_repeats(world_clip: Callable[..., Clip]) -> None:
    values = [loop(looped_array(world_clip(), FPS, 8, 20, n), FPS).value for n in (0, 1, 2, 3)]
    assert values[0] == 0.0
    assert values == sorted({v for v in values if v is not None})


def test_a_boomerang_is_a_loop(world_clip: Callable[..., Clip]) -> None:
    there = world_clip()[:40]
    score = loop(np.concatenate([there, there[::-1]]), FPS)
    assert score.value is not None
    assert score.value > 0.3
    assert score.events[0].details["direction"] == "backwards"


def _zoomed(clip: Clip, per_second: float) -> Clip:
    height, width = clip.shape[1:3]
    out = []
    for i, frame in enumerate(clip):
        scale = 1 + per_second * i / FPS
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), 0, scale)
        out.append(cv2.warpAffine(frame, matrix, (width, height), flags=cv2.INTER_CUBIC))
    return np.stack(out).astype(np.uint8)


def _changed(clip: Clip, name: str) -> Clip:
    share = np.linspace(0, 1, len(clip))[:, None, None, None]
    if name == "zoom":
        return _zoomed(clip, 0.006)
    if name == "border":
        framed = clip.copy()
        framed[:, :6], framed[:, -6:], framed[:, :, :6] = 20, 230, 20
        return framed
    gain = 1 - 0.25 * share
    if name == "tint":
        gain = 1 + share * np.array([0.2, 0.0, -0.2])
    return np.clip(clip * gain, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("name", ["zoom", "gain", "tint", "border"])
def test_a_repeat_is_found_under_other_changes(
    world_clip: Callable[..., Clip], name: str, tmp_path: Path
) -> None:
    looped = looped_array(world_clip(), FPS, 10, 20, 3)
    for clip in (looped, np.concatenate([looped[:48], looped[47::-1]])):
        value = loop(encoded(_changed(clip, name), FPS, tmp_path), FPS).value
        assert value is not None
        assert value > 0.2
    healthy = _changed(world_clip(), name)
    assert loop(encoded(healthy, FPS, tmp_path), FPS).value == 0.0


def test_where_nothing_moves_nothing_is_said(world_clip: Callable[..., Clip]) -> None:
    still = np.repeat(world_clip()[:1], 90, axis=0)
    for clip in (still, _zoomed(still, 0.01)):
        score = loop(clip, FPS)
        assert (score.status, score.code) == ("not_applicable", "no_motion")
    held = planted_array("freeze", world_clip(), FPS, 40 / FPS, start=30 / FPS)
    assert loop(held, FPS).value == 0.0


@pytest.mark.assets
@pytest.mark.parametrize(
    "name", ["worldmark_m1_good.mp4", "worldmark_m3_good.mp4", "mdn_friday.mp4"]
)
def test_a_planted_loop_in_a_real_clip_is_found_and_none_without(
    name: str, real_clip: Callable[[str], tuple[Clip, float]], tmp_path: Path
) -> None:
    clip, fps = real_clip(name)
    assert not loop(encoded(clip, fps, tmp_path), fps).events
    period = round(1.4 * fps)
    looped = looped_array(clip, fps, round(fps), period, 2)
    score = loop(encoded(looped, fps, tmp_path), fps)
    assert score.components["period"] == pytest.approx(period / fps, abs=1.01 / fps)
    assert score.events[0].start == pytest.approx(1 + period / fps, abs=0.5)
