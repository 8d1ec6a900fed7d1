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
from lvbench.metrics.motion.flow_smoothness import FlowSmoothness, repeats_off_beat
from lvbench.results.schema import ItemScore
from lvbench.validity.faults.catalogue import FAULTS, planted_array
from lvbench.video.decoding.decode import open_video
from lvbench.video.frames import Frames, Products
from lvbench.video.timing.presentation import Presentation
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


def planted(name: str, clip: Clip, dose: float, fps: float = 24.0) -> Clip:
    return planted_array(name, clip, fps, dose)


def value(score: ItemScore) -> float:
    assert score.value is not None, score
    return score.value


def test_steady_motion_is_smooth() -> None:
    score = flow_smoothness(steady(), 24.0)
    assert value(score) > 0.99
    assert score.components["off_beat"] == 0.0
    assert score.components["measured"] > 0.9
    assert min(score.series["smoothness"].y) > 0.99


@pytest.mark.parametrize("fault", ["judder", "dropped_frames", "doubled_frames"])
def test_falls_with_the_dose(fault: str) -> None:
    doses = (0.0, *FAULTS[fault].doses)
    values = [value(flow_smoothness(planted(fault, steady(), dose), 24.0)) for dose in doses]
    assert all(a > b for a, b in pairwise(values)), values
    assert values[2] < 0.9


def test_a_stop_of_one_pair_in_every_six_is_a_sixth() -> None:
    t = np.arange(48)
    # The picture moves by 2 pixels in each pair but every sixth, and never catches up.
    clip = moving(2.0 * (t - t // 6))
    found = FlowSmoothness().new_state(VideoContext())
    metric = FlowSmoothness()
    feed(metric, found, clip)
    assert value(metric.item(found)) == pytest.approx(5 / 6, abs=0.03)


def test_a_stop_shorter_than_a_freeze_counts_in_full() -> None:
    values = []
    for pairs in (1, 4, 7):  # 0.1, 0.4 and 0.7 s
        shown = np.arange(40)
        shown[20 : 21 + pairs] = 20
        values.append(value(flow_smoothness(moving(4.0 * shown), 10.0)))
    assert values[1] < values[0] - 0.05
    assert values[2] > 0.98


@pytest.mark.parametrize("fault", ["flicker_global", "flicker_local", "boiling", "noise_ramp"])
def test_ignores_what_is_no_matter_of_pace(fault: str) -> None:
    clip = steady()
    smooth = value(flow_smoothness(clip, 24.0))
    judder = value(flow_smoothness(planted("judder", clip, 1.2), 24.0))
    faulty = value(flow_smoothness(planted(fault, clip, FAULTS[fault].doses[1]), 24.0))
    assert abs(faulty - smooth) < 0.1 * (smooth - judder)


@pytest.mark.parametrize("speed", [18.0, 36.0, 72.0])
def test_neither_speed_nor_slow_motion_is_rewarded(speed: float) -> None:
    assert value(flow_smoothness(steady(speed=speed), 24.0)) > 0.98
    uneven = planted("dropped_frames", steady(speed=speed), 0.15)
    assert value(flow_smoothness(uneven, 24.0)) == pytest.approx(0.78, abs=0.08)


def test_acceleration_over_a_fifth_of_a_second_costs_little() -> None:
    t = np.arange(96) / 48
    clip = moving(60 * t + 3 * np.sin(2 * np.pi * t))
    for step in (1, 2):
        assert value(flow_smoothness(clip[::step], 48.0 / step)) > 0.98


def test_a_shaking_camera_is_not_uneven_pace() -> None:
    smooth = value(flow_smoothness(shaken(steady(), 1), 24.0))
    assert smooth > value(flow_smoothness(planted("judder", steady(), 1.2), 24.0)) + 0.1


@pytest.mark.parametrize("rate", [30, 36, 48, 60])
def test_a_regular_rate_conversion_is_no_fault(rate: int) -> None:
    clip = steady(60, speed=48.0)
    shown = np.floor(np.arange(int(60 * rate / 24)) * 24 / rate + 0.5).astype(int).clip(0, 59)
    score = flow_smoothness(clip[shown], float(rate))
    assert value(score) > 0.98
    assert score.components["off_beat"] == 0.0


def test_repeats_at_random_are_off_the_beat() -> None:
    def presented(new: NDArray[np.bool_]) -> Presentation:
        t = np.arange(len(new)) / 24
        return Presentation(new, np.ones(new.sum(), np.intp), t[new], t, ~new[1:])

    # Sources at times in milliseconds, shown at the nearest frame's time in milliseconds.
    for source, rate in ((24, 30), (16, 24), (16, 30), (24, 60), (16, 60), (24, 25), (23.976, 30)):
        for digits in (3, 9):
            times = np.round(np.arange(400) / rate, digits)
            stamps = np.round(np.arange(400) / source, digits)
            nearest = np.searchsorted(stamps, times + 0.5 / source, side="right")
            strict = np.diff(nearest, prepend=0) > 0
            assert repeats_off_beat(presented(strict)) == 0.0, (source, rate, digits)
    at_random = np.random.default_rng(0).random(240) > 0.2
    at_random[0] = True
    assert repeats_off_beat(presented(at_random)) > 0.1
    assert repeats_off_beat(None) == 0.0


def test_no_motion_has_no_smoothness() -> None:
    for clip in (np.repeat(steady(1), 24, axis=0), steady(speed=0.5)):
        score = flow_smoothness(clip, 24.0)
        assert (score.status, score.code) == ("not_applicable", "no_motion")
    assert FlowSmoothness.info.gates == ("stillness", "loop", "incoherence")


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
    # Two pairs have none between them: no two bursts are joined.
    assert scored(steady(60), 2).code == "too_short"


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


def feed(metric: FlowSmoothness, state: Any, clip: Clip) -> None:
    """Give a metric the flow of all frames, without a search for repeats."""
    tools = {"dis": DenseInverseSearchFlow()}
    stream = FeatureStream(tools, 24.0, lambda name, f: metric.update(state, {name: f}))
    stream.push(Frames(np.arange(len(clip)) / 24.0, luma=clip[..., 0]))
    stream.finish()


@pytest.mark.assets
def test_a_real_clip_loses_by_judder_and_not_by_flicker(videos: Path) -> None:
    with open_video(videos / "worldmark_m2_good.mp4", Products(small=256)) as reader:
        parts = [c.small for _, c in zip(range(4), reader, strict=False) if c.small is not None]
        fps = reader.info.fps
    assert fps is not None
    clip = np.concatenate(parts)[:, ::2, ::2].copy()
    plain = value(flow_smoothness(clip, fps))
    assert plain > 0.9
    juddering = value(flow_smoothness(planted("judder", clip, 1.2, fps), fps))
    flickering = value(flow_smoothness(planted("flicker_global", clip, 0.02, fps), fps))
    assert abs(flickering - plain) < 0.1 * (plain - juddering)
