from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.features.flow.warp import sample
from lvbench.features.registry import build
from lvbench.metrics import warp_error
from lvbench.metrics.base import VideoContext
from lvbench.metrics.functional import score_array
from lvbench.metrics.motion.warp_error import WarpError
from lvbench.results.schema import ItemScore
from tests.metrics.stand_ins import Flow

Clip = NDArray[np.uint8]
FPS = 24.0


def texture(seed: int = 0, width: int = 400) -> NDArray[np.float64]:
    noise = np.random.default_rng(seed).standard_normal((72, width))
    smooth = np.asarray(cv2.GaussianBlur(noise, (0, 0), 4.0))
    return np.asarray(128 + 35 * smooth / smooth.std())


def clip_of(frames: list[NDArray[np.float64]] | NDArray[np.float64]) -> Clip:
    gray = np.clip(np.rint(np.stack(list(frames))), 0, 255).astype(np.uint8)
    return np.repeat(gray[..., None], 3, axis=-1)


def panning(count: int = 30, speed: int = 2, seed: int = 0) -> Clip:
    whole = texture(seed)
    return clip_of([whole[:, speed * i : speed * i + 128] for i in range(count)])


def flickering(clip: Clip, levels: float) -> Clip:
    sign = np.where(np.arange(len(clip)) % 2, levels, -levels)[:, None, None, None]
    return np.clip(clip + sign, 0, 255).astype(np.uint8)


def noisy(clip: Clip, sigma: float) -> Clip:
    noise = np.random.default_rng(0).normal(0, sigma, clip.shape[:3])[..., None]
    return np.clip(np.rint(clip + noise), 0, 255).astype(np.uint8)


def wobbling(clip: Clip, pixels: float) -> Clip:
    """Bend every frame by itself, smoothly."""
    rng = np.random.default_rng(0)
    out = np.empty_like(clip)
    for i, frame in enumerate(clip):
        bend = rng.standard_normal((*frame.shape[:2], 2)).astype(np.float32)
        bend = np.asarray(cv2.GaussianBlur(bend, (0, 0), 10.0))
        out[i] = sample(frame, (bend * (pixels / bend.std())).astype(np.float32))
    return out


def value(score: ItemScore) -> float:
    assert score.value is not None, score
    return score.value


def test_smooth_motion_has_next_to_no_error_whatever_its_speed() -> None:
    for speed in (0, 1, 2, 4):
        score = warp_error(panning(speed=speed), FPS)
        assert value(score) < 0.006, speed
        assert score.components["visible"] > 0.9
        assert score.components["long"] < 0.02, speed
        assert score.components["long_visible"] > 0.5


def test_a_known_flicker_of_a_still_picture_is_its_error() -> None:
    still = np.repeat(panning(1), 30, axis=0)
    for levels in (2, 5):
        assert value(warp_error(flickering(still, levels), FPS)) == pytest.approx(
            2 * levels / 255, rel=0.1
        )


@pytest.mark.parametrize(
    ("fault", "doses"),
    [(flickering, (0, 2, 5, 10)), (noisy, (0, 3, 6, 12)), (wobbling, (0, 0.3, 0.7, 1.5))],
)
def test_rises_with_the_dose(fault: Callable[[Clip, float], Clip], doses: list[float]) -> None:
    values = [value(warp_error(fault(panning(16), dose), FPS)) for dose in doses]
    assert all(a < b for a, b in pairwise(values)), values


def test_what_is_uncovered_is_not_an_error() -> None:
    """Flow of 2 pixels that is known exactly; a quarter of each picture is new."""
    whole = np.rint(texture()).astype(np.uint8)
    gray = np.stack([whole[:, 2 * i : 2 * i + 128] for i in range(25)])
    gray[1::2, :36, :64] = 255
    gray[2::2, :36, :64] = 0
    flow = np.zeros((24, 72, 128, 2), np.float32)
    flow[..., 0] = 2
    usable = np.ones((24, 72, 128), np.bool_)
    usable[:, :36, :64] = usable[:, :, -2:] = False
    arrays = {
        "gray": gray,
        "forward": -flow,
        "backward": flow,
        "consistent": usable,
        "consistent_backward": usable,
        "dt": np.full(24, 1 / FPS),
    }
    metric = WarpError()
    state = metric.new_state(VideoContext())
    metric.update(state, {"dis": Features(np.arange(1, 25) / FPS, arrays)})
    score = metric.item(state)
    assert value(score) == pytest.approx(0.0, abs=1e-6)
    assert np.abs(np.diff(gray.astype(np.float64), axis=0)).mean() / 255 > 0.2
    assert score.components["visible"] == pytest.approx(usable[0].mean())
    # Over 12 pairs 24 pixels more leave the picture, and what was ever lost stays out.
    assert score.components["long"] == pytest.approx(0.0, abs=1e-6)
    assert 0.5 < score.components["long_visible"] < 0.65


def test_a_slow_change_shows_over_the_long_range() -> None:
    """A texture that fades into another within two seconds: little per pair, much in half one."""
    share = np.linspace(0, 1, 48)[:, None, None]
    fading = clip_of(texture(1)[None, :, :128] * (1 - share) + texture(2)[None, :, :128] * share)
    still = np.repeat(fading[:1], 48, axis=0)
    score, healthy = warp_error(fading, FPS), warp_error(still, FPS)
    assert score.components["long"] > 5 * value(score)
    assert score.components["long"] > healthy.components["long"] + 0.02
    assert score.series["long"].t[0] == 0.75


def test_growing_noise_is_drift() -> None:
    clip = panning(144, speed=1)
    grown = np.concatenate([noisy(clip[i : i + 12], i / 12) for i in range(0, 144, 12)])
    assert warp_error(grown, FPS).components["end_level"] > 0.01
    assert abs(warp_error(clip, FPS).components["end_level"]) < 0.002
    assert "end_level" not in warp_error(clip[:48], FPS).components


def test_a_cut_is_no_error() -> None:
    clip = np.concatenate([panning(12), panning(12, seed=1)])
    assert value(warp_error(clip, FPS, cuts=(0.5,))) < 0.006
    alone = warp_error(np.concatenate([clip[:1], clip[:1]]), FPS, cuts=(1 / FPS,))
    assert (alone.status, alone.code) == ("not_applicable", "only_cuts")


def test_too_little_seen_twice_gives_no_number() -> None:
    rng = np.random.default_rng(0)
    clip = rng.integers(0, 256, (12, 72, 128, 3), np.uint8)
    assert value(warp_error(clip, FPS)) > 0.1
    score = warp_error(clip, FPS, coverage=0.8)
    assert (score.status, score.code) == ("not_applicable", "untrackable")


def test_one_frame_is_too_short() -> None:
    score = warp_error(panning(1), FPS)
    assert (score.status, score.code) == ("not_applicable", "too_short")


def test_short_bursts_have_no_long_range() -> None:
    metric = WarpError(extractor="raft_small")

    def scored(pairs: int) -> ItemScore:
        tools = {"raft_small": Flow("raft_small", pairs, every=1.0), "shots": build("shots")}
        return score_array(metric, panning(60, 1), fps=FPS, extractors=tools)

    assert metric.key == "warp_error@raft_small"
    assert "long" not in scored(2).components
    assert scored(2).components["visible"] > 0.9
    assert scored(12).components["long"] < 0.02
