from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.features.flow.dis import DenseInverseSearchFlow
from lvbench.features.registry import build
from lvbench.features.stream import FeatureStream
from lvbench.metrics import flow_smoothness
from lvbench.metrics.base import VideoContext
from lvbench.metrics.functional import score_array
from lvbench.metrics.motion.flow_smoothness import FlowSmoothness
from lvbench.results.schema import ItemScore
from lvbench.video.decoding.decode import open_video
from lvbench.video.frames import Frames, Products
from tests.metrics.stand_ins import Flow

Clip = NDArray[np.uint8]


def picture(seed: int = 0) -> Clip:
    noise = np.random.default_rng(seed).standard_normal((120, 400))
    smooth = cv2.GaussianBlur(noise, (0, 0), 4.0)
    return np.clip(128 + 45 * smooth / smooth.std(), 0, 255).astype(np.uint8)


def moving(positions: NDArray[np.float64], seed: int = 0) -> Clip:
    """Return 72x128 frames whose picture lies at each `x` (pixels, may be fractions)."""
    whole = picture(seed)
    out = []
    for x in positions:
        matrix = np.array([[1, 0, x - 200], [0, 1, -24]], np.float64)
        out.append(cv2.warpAffine(whole, matrix, (128, 72), flags=cv2.INTER_LINEAR))
    return np.repeat(np.stack(out)[..., None], 3, axis=-1)


def steady(count: int = 48, fps: float = 24.0, speed: float = 36.0) -> Clip:
    return moving(np.arange(count) / fps * speed)


def shaken(clip: Clip, amplitude: float) -> Clip:
    rng = np.random.default_rng(0)
    out = np.empty_like(clip)
    for i, frame in enumerate(clip):
        dy, dx = np.rint(rng.normal(0, amplitude, 2)).astype(int)
        out[i] = np.roll(frame, (dy, dx), axis=(0, 1))
    return out


def doubled(clip: Clip, share: float) -> Clip:
    index = np.arange(len(clip))
    chosen = np.random.default_rng(0).random(len(clip)) < share
    for i in range(1, len(clip)):
        if chosen[i]:
            index[i] = index[i - 1]
    return clip[index]


def shuffled(clip: Clip, span: int) -> Clip:
    rng = np.random.default_rng(0)
    blocks = [s + rng.permutation(span) for s in range(0, len(clip) - span + 1, span)]
    return clip[np.concatenate(blocks)]


def value(score: ItemScore) -> float:
    assert score.value is not None, score
    return score.value


def test_steady_motion_is_smooth() -> None:
    score = flow_smoothness(steady(), 24.0)
    assert value(score) > 0.9
    assert score.components["relative_acceleration"] < 1.0
    assert score.components["measured"] == 1.0
    assert score.series["smoothness"].t[0] == 0.25


def test_known_relative_acceleration() -> None:
    # x = v0 t + a t^2 / 2 with v0 = 40 px/s and a = 40 px/s^2: the ratio falls from 1 to 1/2.
    t = np.arange(25) / 24
    score = flow_smoothness(moving(40 * t + 20 * t**2), 24.0)
    assert score.components["relative_acceleration"] == pytest.approx(np.mean(40 / 60), rel=0.25)


@pytest.mark.parametrize("fault", [shaken, doubled])
def test_falls_with_the_dose(fault: Any) -> None:
    doses = (0, 1, 2, 4) if fault is shaken else (0, 0.1, 0.25, 0.5)
    values = [value(flow_smoothness(fault(steady(), dose), 24.0)) for dose in doses]
    assert all(a > b for a, b in pairwise(values)), values


def test_dropped_frames_and_shuffled_frames_are_not_smooth() -> None:
    clip = steady()
    smooth = value(flow_smoothness(clip, 24.0))
    kept = np.random.default_rng(0).random(len(clip)) > 0.25
    assert value(flow_smoothness(clip[kept], 24.0)) < smooth - 0.05
    assert value(flow_smoothness(shuffled(clip, 4), 24.0)) < smooth - 0.3


def test_frame_rate_does_not_decide() -> None:
    t = np.arange(96) / 48
    clip = moving(30 * t + 20 * np.sin(2 * np.pi * t))
    fine, coarse = flow_smoothness(clip, 48.0), flow_smoothness(clip[::4], 12.0)
    assert value(coarse) == pytest.approx(value(fine), abs=0.03)


def test_no_motion_has_no_smoothness() -> None:
    for clip in (np.repeat(steady(1), 24, axis=0), steady(speed=0.5)):
        score = flow_smoothness(clip, 24.0)
        assert (score.status, score.code) == ("not_applicable", "no_motion")
    assert FlowSmoothness.info.gates == ("freeze", "loop", "incoherence")


def test_noise_cannot_be_followed() -> None:
    clip = np.random.default_rng(0).integers(0, 256, (24, 72, 128, 3), dtype=np.uint8)
    score = flow_smoothness(clip, 24.0)
    assert (score.status, score.code) == ("not_applicable", "untrackable")


@pytest.mark.parametrize("count", [1, 3])
def test_too_short(count: int) -> None:
    score = flow_smoothness(steady(count), 24.0)
    assert (score.status, score.code) == ("not_applicable", "too_short")


def test_a_cut_is_not_jerk() -> None:
    t = np.arange(24) / 24
    clip = np.concatenate([moving(36 * t), moving(-36 * t, seed=1)])
    assert value(flow_smoothness(clip, 24.0, cuts=(1.0,))) > 0.9


def test_bursts_of_flow_are_measured_each_by_itself() -> None:
    metric = FlowSmoothness(extractor="raft_small")
    assert metric.key == "flow_smoothness@raft_small"

    def scored(clip: Clip, pairs: int) -> ItemScore:
        tools = {"raft_small": Flow("raft_small", pairs, every=1.0), "shots": build("shots")}
        return score_array(metric, clip, fps=24.0, extractors=tools)

    # The picture jumps back between the bursts, of which each is smooth.
    t = np.tile(np.arange(24), 3)[:60] / 24
    score = scored(moving(36 * t), 8)
    assert value(score) > 0.9
    assert score.components["measured"] == 1.0
    # Too short for two steps of 0.1 s: no two bursts are joined.
    assert scored(steady(60), 3).code == "too_short"


def test_chunks_do_not_matter() -> None:
    clip = steady(40)
    records = []
    for chunk in (1, 7, 40):
        metric = FlowSmoothness()
        state = metric.new_state(VideoContext())
        tools = {"dis": DenseInverseSearchFlow()}
        stream = FeatureStream(tools, 24.0, lambda n, f, m=metric, s=state: m.update(s, {n: f}))
        for start in range(0, len(clip), chunk):
            part = clip[start : start + chunk, ..., 0]
            stream.push(Frames((start + np.arange(len(part))) / 24.0, luma=part))
        stream.finish()
        records.append(metric.item(state).model_dump_json())
    assert len(set(records)) == 1


@pytest.mark.assets
@pytest.mark.parametrize("name", ["worldmark_m2_good.mp4", "ltx2_with_audio.mp4"])
def test_real_clips_at_two_frame_steps_and_shaken(name: str, videos: Path) -> None:
    with open_video(videos / name, Products(small=256)) as reader:
        parts = [c.small for _, c in zip(range(6), reader, strict=False) if c.small is not None]
        fps = reader.info.fps
    assert fps is not None
    clip = np.concatenate(parts)
    plain, coarse = value(flow_smoothness(clip, fps)), value(flow_smoothness(clip[::2], fps / 2))
    bad = value(flow_smoothness(shaken(clip, 2), fps))
    assert abs(plain - coarse) < 0.2 * (plain - bad)
    assert value(flow_smoothness(shuffled(clip, 4), fps)) < plain - 0.1
