from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.features.flow.structure_change import LAGS
from lvbench.metrics import stillness
from lvbench.metrics.base import VideoContext
from lvbench.metrics.motion.stillness import Stillness

Clip = NDArray[np.uint8]
FPS = 12.0
RNG = np.random.default_rng


def _placed(picture: Clip, zoom: float, right: float, turn: float = 0.0) -> Clip:
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), turn, zoom)
    matrix[0, 2] += right
    moved = cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_CUBIC)
    return np.asarray(moved, np.uint8)


def _grain(clip: Clip, sd: float) -> Clip:
    noisy = clip + RNG(0).normal(0, sd, (*clip.shape[:3], 1))
    return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)


def _cheats(still: Clip, other: Clip, count: int) -> dict[str, Clip]:
    t = np.arange(count) / FPS
    held = np.repeat(still[None], count, axis=0)
    shake = RNG(1).normal(0, 1.0, count)
    moved = [
        _placed(still, 1.2 + 0.02 * s, 3 * s + x, x / 5) for s, x in zip(t, shake, strict=True)
    ]
    share = np.clip(t - t[-1] / 2, 0, 1)[:, None, None, None]
    dissolve = np.rint((1 - share) * still + share * other).astype(np.uint8)
    fade = np.rint(held * np.linspace(1, 0.4, count)[:, None, None, None]).astype(np.uint8)
    return {
        "still": held,
        "grain": _grain(held, 4.0),
        "camera": _grain(np.stack(moved), 2.0),
        "fade": fade,
        "dissolve": dissolve,
        "cut": np.where(share > 0, other, still).astype(np.uint8),
    }


@pytest.mark.parametrize("name", ["still", "grain", "camera", "fade", "dissolve", "cut"])
def test_one_picture_is_still_whatever_is_done_to_it(
    world_clip: Callable[..., Clip], name: str
) -> None:
    clip = _cheats(world_clip(2)[48], world_clip(3)[48], 60)[name]
    score = stillness(clip, FPS)
    assert score.value == 1.0
    assert score.components["change"] < 0.01


@pytest.mark.parametrize("seed", [1, 2])
def test_what_moves_in_front_of_a_camera_is_not(world_clip: Callable[..., Clip], seed: int) -> None:
    clip = world_clip(seed)
    score = stillness(clip, FPS)
    noisy = stillness(_grain(clip, 4.0), FPS)
    for found in (score, noisy):
        assert found.value == 0.0
        assert found.components["live_area"] > 0.05


def test_rate_repeats_mirror_and_scale_change_little(world_clip: Callable[..., Clip]) -> None:
    clip = world_clip()
    larger = np.stack([cv2.resize(f, None, fx=1.5, fy=1.5) for f in clip]).astype(np.uint8)
    given = stillness(clip, FPS).components["change"]
    for twin, fps in (
        (clip[:, :, ::-1], FPS),
        (np.repeat(clip, 3, axis=0), 3 * FPS),
        (larger, FPS),
    ):
        assert stillness(twin, fps).components["change"] == pytest.approx(given, rel=0.15)


def test_slow_motion_is_less_dynamic(world_clip: Callable[..., Clip]) -> None:
    clip = world_clip()
    quick, slow, slowest = (stillness(np.repeat(clip, n, axis=0), FPS) for n in (1, 2, 4))
    values = [score.components["change"] for score in (quick, slow, slowest)]
    assert values == sorted(values, reverse=True)
    assert values[2] < 0.7 * values[0]


def test_half_of_a_clip_that_stops_is_still(world_clip: Callable[..., Clip]) -> None:
    clip = np.concatenate([world_clip(), np.repeat(world_clip()[-1:], 96, axis=0)])
    value = stillness(clip, FPS).value
    assert value == pytest.approx(0.4, abs=0.1)


def test_a_change_counts_once_enough_of_the_picture_does() -> None:
    values = []
    for cells in (0, 1, 2, 50):
        change = np.zeros((30, 2, 10, 10), np.float32)
        change.reshape(30, 2, -1)[..., :cells] = 0.9
        for i, lag in enumerate(LAGS):
            change[: 2 * lag, i] = -1
        metric = Stillness()
        state = metric.new_state(VideoContext())
        metric.update(state, {"structure_change": Features(np.arange(30) / 4, {"change": change})})
        values.append(metric.item(state).value)
    assert values == [1.0, 1.0, 0.0, 0.0]


def test_what_is_too_short_gets_a_reason(world_clip: Callable[..., Clip]) -> None:
    assert stillness(world_clip()[:18], FPS).code == "too_short"
