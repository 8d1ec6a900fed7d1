from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.features.registry import build
from lvbench.metrics import motion_magnitude
from lvbench.metrics.functional import score_array
from lvbench.metrics.motion.motion_magnitude import MotionMagnitude
from tests.metrics.stand_ins import Flow

DIAGONAL = float(np.hypot(144, 256))


def panning(count: int, dx: int, seed: int = 0) -> NDArray[np.uint8]:
    noise = np.random.default_rng(seed).standard_normal((144, 256 + dx * count))
    smooth = cv2.GaussianBlur(noise, (0, 0), 6.0)
    picture = np.clip(128 + 45 * smooth / smooth.std(), 0, 255).astype(np.uint8)
    gray = np.stack([picture[:, dx * i : dx * i + 256] for i in range(count)])
    return np.repeat(gray[..., None], 3, axis=-1)


@pytest.mark.parametrize(("dx", "fps"), [(2, 24.0), (4, 24.0), (4, 12.0)])
def test_speed_of_a_pan_within_a_tenth(dx: int, fps: float) -> None:
    score = motion_magnitude(panning(14, dx), fps)
    expected = dx * fps / DIAGONAL
    assert score.value == pytest.approx(expected, rel=0.1)
    assert score.components["mean"] == pytest.approx(expected, rel=0.1)
    assert score.series["motion"].t[0] == 0.25


def test_frame_step_does_not_matter() -> None:
    clip = panning(24, 2)
    assert motion_magnitude(clip[::2], 12.0).value == pytest.approx(
        motion_magnitude(clip, 24.0).value, rel=0.05
    )


def test_size_does_not_matter() -> None:
    clip = panning(8, 4)
    half = np.stack([cv2.resize(f, (128, 72), interpolation=cv2.INTER_AREA) for f in clip])
    assert motion_magnitude(half, 24.0).value == pytest.approx(
        motion_magnitude(clip, 24.0).value, rel=0.1
    )


def test_a_still_image_does_not_move() -> None:
    score = motion_magnitude(np.repeat(panning(1, 0), 6, axis=0), 24.0)
    assert score.value == pytest.approx(0.0, abs=1e-3)


def test_one_frame_is_too_short() -> None:
    score = motion_magnitude(panning(1, 0), 24.0)
    assert (score.status, score.code) == ("not_applicable", "too_short")


def test_a_cut_is_not_motion() -> None:
    clip = np.concatenate([panning(12, 1), panning(12, 1, seed=1)])
    with_cut = motion_magnitude(clip, 24.0, cuts=(0.5,))
    assert with_cut.value == pytest.approx(24.0 / DIAGONAL, rel=0.1)
    alone = motion_magnitude(clip[11:13], 24.0, cuts=(12 / 24 - 11 / 24,))
    assert (alone.status, alone.code) == ("not_applicable", "only_cuts")


def test_another_flow_in_bursts_gives_the_same_speed_under_another_name() -> None:
    metric = MotionMagnitude(extractor="raft_small")
    tools = {"raft_small": Flow("raft_small", 2, every=0.25), "shots": build("shots")}
    score = score_array(metric, panning(24, 4), fps=24.0, extractors=tools)
    assert metric.key == "motion_magnitude@raft_small"
    assert score.value == pytest.approx(4 * 24.0 / DIAGONAL, rel=0.1)
