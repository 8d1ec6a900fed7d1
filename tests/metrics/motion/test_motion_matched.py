from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import lvbench.features
from lvbench.features.base import Extractor
from lvbench.metrics import motion_matched
from lvbench.metrics.functional import score_array
from lvbench.metrics.motion.motion_magnitude import MotionMagnitude
from lvbench.metrics.motion.motion_matched import MotionMatched
from lvbench.metrics.semantics.clip_consistency import ClipConsistency
from lvbench.results.schema import ItemScore
from tests.metrics.stand_ins import tool

Clip = NDArray[np.uint8]
KEY = "clip_consistency@squeezenet1_1"
LAG: NDArray[np.float64] = 0.5 * np.arange(1, 24, dtype=np.float64)


def similar(speed: float, at_level: float = 0.05) -> NDArray[np.float64]:
    """Return similarities at `LAG` of a video that loses by the power law of distance."""
    return 1 - at_level * (LAG / 0.5 * speed / 0.1) ** 0.6


def derived(clip: Clip, fps: float, encoder: Extractor, **parameters: Any) -> ItemScore:
    consistency = score_array(
        ClipConsistency(extractor="squeezenet1_1"),
        clip,
        fps=fps,
        extractors={"squeezenet1_1": encoder},
    )
    motion = score_array(MotionMagnitude(), clip, fps=fps)
    scores = {KEY: consistency, "motion_magnitude": motion}
    return MotionMatched(source=KEY, **parameters).derive(scores)


def turned(clip: Clip) -> Clip:
    """Return another scene that moves as fast: upside down, red for blue."""
    return np.ascontiguousarray(clip[:, ::-1, :, ::-1])


def replaced(clip: Clip) -> Clip:
    half = len(clip) // 2
    return np.concatenate([clip[:half], turned(clip[half:])])


@pytest.mark.parametrize("speed", [0.03, 0.1, 0.2, 0.35])
def test_the_reading_is_the_same_at_every_speed(speed: float) -> None:
    found = motion_matched(LAG, similar(speed), np.full(24, speed))
    # Lags of 0.5, 1, 2 and 4 s at the common speed.
    expected = 1 - 0.05 * np.mean(2.0 ** (0.6 * np.arange(4)))
    assert found.value == pytest.approx(expected, abs=0.002)
    assert found.components["near"] == pytest.approx(0.95, abs=1e-3)
    assert found.components["unmatched"] == pytest.approx(
        1 - (1 - expected) * (speed / 0.1) ** 0.6, abs=0.002
    )
    assert found.series["at_level"].t == [0.5, 1.0, 2.0, 4.0]


@pytest.mark.parametrize("factor", [2, 3])
def test_slow_motion_is_read_at_longer_lags(factor: int) -> None:
    # Any loss that depends on the distance alone, a power law or not.
    def loss(lag: NDArray[np.float64]) -> NDArray[np.float64]:
        return 0.02 + 0.3 * (1 - np.exp(-lag))

    plain = motion_matched(LAG, 1 - loss(LAG), np.full(24, 0.1))
    longer = 0.5 * np.arange(1, 24 * factor, dtype=np.float64)
    slow = motion_matched(longer, 1 - loss(longer / factor), np.full(24 * factor, 0.1 / factor))
    assert plain.value is not None
    assert slow.series["at_level"].y[1:4] == pytest.approx(
        plain.series["at_level"].y[1:4], abs=0.02
    )
    assert slow.components["unmatched"] > plain.components["unmatched"]


def test_a_frozen_clip_has_no_value_and_is_called_frozen() -> None:
    found = motion_matched(LAG, np.ones(23), np.full(24, 0.001))
    assert (found.status, found.code, found.flags) == ("not_applicable", "no_motion", ["frozen"])


@pytest.mark.parametrize("speed", [0.02, 0.5])
def test_too_slow_and_too_fast_are_out_of_range(speed: float) -> None:
    found = motion_matched(LAG, np.full(23, 0.9), np.full(24, speed))
    assert found.code == "motion_out_of_range"
    matched = motion_matched(LAG, np.full(23, 0.9), np.full(24, speed), level=speed)
    assert matched.value == pytest.approx(0.9)


def test_slow_drift_lowers_the_longest_lag() -> None:
    steady = motion_matched(LAG, np.full(23, 0.95), np.full(24, 0.1))
    drifting = motion_matched(LAG, 0.95 - 0.02 * LAG, np.full(24, 0.1))
    assert steady.value is not None
    assert drifting.value is not None
    assert drifting.value < steady.value - 0.03
    assert drifting.components["far"] < drifting.components["near"] - 0.06


@pytest.mark.parametrize("n", [0, 1, 5])
def test_too_few_segments_get_a_code(n: int) -> None:
    assert motion_matched(LAG[:n], np.ones(n), np.full(n, 0.1)).code == "too_short"


def test_missing_and_failed_sources_give_their_reason() -> None:
    metric = MotionMatched(source="clip_consistency@dinov2_vits14", motion="motion_magnitude")
    assert metric.sources == ("clip_consistency@dinov2_vits14", "motion_magnitude")
    assert metric.derive({}).code == "no_source"
    gone = ItemScore(status="not_applicable", code="no_subject", detail="planted")
    good = ItemScore(value=1.0)
    assert metric.derive({metric.source: gone, metric.motion: good}).code == "no_subject"
    failed = ItemScore(status="failed", code="metric_error", detail="planted")
    assert metric.derive({metric.source: good, metric.motion: failed}).status == "failed"


def test_its_parameters_are_checked() -> None:
    wrong: list[dict[str, Any]] = [
        {"source": "freeze"},
        {"motion": "freeze"},
        {"level": 0.0},
        {"octaves": -1.0},
        {"fewest": 0},
        {"exponent": -1.0},
    ]
    for parameters in wrong:
        with pytest.raises(ValueError, match=next(iter(parameters))):
            MotionMatched(**parameters)
    with pytest.raises(ValueError, match="motion must"):
        motion_matched([0, 1], [1], [1])


def test_on_a_procedural_clip_a_change_of_scene_lowers_it(
    world_clip: Callable[..., Clip],
) -> None:
    clip = world_clip(1, 8.0)
    healthy = derived(clip, 12.0, tool("squeezenet1_1"))
    changed = derived(replaced(clip), 12.0, tool("squeezenet1_1"))
    still = derived(np.repeat(clip[:1], 96, axis=0), 12.0, tool("squeezenet1_1"))
    assert healthy.value is not None
    assert changed.value is not None
    assert changed.value < healthy.value
    assert still.flags == ["frozen"]


@pytest.mark.assets
def test_a_real_clip_at_twice_the_speed_reads_nearly_the_same(
    real_clip: Callable[[str], tuple[Clip, float]], assets: Path
) -> None:
    clip, fps = real_clip("worldmark_m2_good.mp4")
    encoder = lvbench.features.load("squeezenet1_1", weights=assets / "assets")
    slow, fast, changed = (
        derived(frames, fps, encoder, fewest=4)
        for frames in (clip, np.ascontiguousarray(clip[::2]), replaced(clip))
    )
    assert slow.value is not None
    assert fast.value is not None
    assert changed.value is not None
    raw = abs(fast.components["unmatched"] - slow.components["unmatched"])
    assert abs(fast.components["near"] - slow.components["near"]) < raw
    assert changed.value < slow.value - raw / 2
