from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.metrics import loop
from lvbench.metrics.motion.loop import find_repeats
from lvbench.validity.faults import timing
from lvbench.validity.faults.catalogue import planted_array
from tests.metrics.encoded import encoded

Clip = NDArray[np.uint8]
FPS = 12.0
SIZE = 64


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


def test_what_stands_still_does_not_repeat(world_clip: Callable[..., Clip]) -> None:
    still = np.repeat(world_clip()[:1], 90, axis=0)
    assert loop(still, FPS).value == 0.0
    assert (
        loop(planted_array("freeze", world_clip(), FPS, 40 / FPS, start=30 / FPS), FPS).value == 0.0
    )


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


def pictures(n: int) -> NDArray[np.uint8]:
    """Return a picture that moves without ever coming back."""
    texture = np.random.default_rng(0).integers(0, 256, 8 * n + SIZE, np.uint8)
    return np.stack([texture[8 * i : 8 * i + SIZE] for i in range(n)])


def noisy(clip: NDArray[np.uint8]) -> NDArray[np.uint8]:
    noise = np.random.default_rng(1).normal(0, 2, clip.shape)
    return np.clip(clip + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("lag", [13, 97, 500])
def test_a_repeat_is_found_at_its_lag_to_the_frame(lag: int) -> None:
    clip = pictures(1200)
    for k in range(600, 640):
        clip[k] = clip[k - lag]
    (found,) = find_repeats(noisy(clip), np.full(1200, 100.0), nearest=6, length=12)
    assert (found.first, found.last, found.number, found.forwards) == (600, 640, lag, True)


def test_of_two_lags_the_shorter_counts() -> None:
    clip = pictures(300)
    clip[100:160] = np.tile(clip[80:100], (3, 1))
    (found,) = find_repeats(noisy(clip), np.full(300, 100.0), nearest=6, length=12)
    assert (found.first, found.last, found.number) == (100, 160, 20)


@pytest.mark.parametrize("start", [0, 60])
def test_a_mirrored_run_is_found_whatever_follows(start: int) -> None:
    clip = pictures(300)
    clip[150:] = np.concatenate([clip[start:149][::-1], clip[149:300]])[:150]
    (found,) = find_repeats(noisy(clip), np.full(300, 100.0), nearest=6, length=12)
    assert not found.forwards
    assert found.number == 298
    assert (found.first, found.last) == (150, 299 - start)


def test_where_nothing_may_match_nothing_does() -> None:
    still = np.zeros((400, SIZE), np.uint8)
    assert find_repeats(still, np.zeros(400), nearest=6, length=12) == []


def test_what_never_comes_back_has_no_repeats() -> None:
    assert find_repeats(pictures(900), np.full(900, 100.0), nearest=6, length=12) == []
