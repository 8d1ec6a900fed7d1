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
T: NDArray[np.float64] = 0.25 + 0.5 * np.arange(24, dtype=np.float64)


def lost(speed: Any, at_level: float = 0.05) -> NDArray[np.float64]:
    """Return similarities that fall as the metric expects, each speed held for its neighbour."""
    return np.asarray(1 - at_level * (np.asarray(speed) / 0.1) ** 0.75)


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
def test_the_reading_is_the_same_at_every_speed_where_the_law_holds(speed: float) -> None:
    speeds = np.full(24, speed)
    found = motion_matched(T, lost(speeds), speeds)
    assert found.value == pytest.approx(0.95)
    assert found.components["unmatched"] == pytest.approx(lost(speed).item())
    assert found.components["share"] == 1


def test_a_frozen_clip_has_no_value_and_is_called_frozen() -> None:
    found = motion_matched(T, np.ones(24), np.full(24, 0.001))
    assert (found.status, found.code, found.flags) == ("not_applicable", "no_motion", ["frozen"])


def test_frozen_segments_do_not_raise_the_value_of_the_others() -> None:
    speeds = np.full(24, 0.1)
    speeds[12:] = 0
    y = np.where(speeds > 0, 0.9, 1.0)
    found = motion_matched(T, y, speeds)
    assert found.value == pytest.approx(0.9, abs=0.01)
    assert found.components["unmatched"] > 0.94
    assert found.components["share"] < 0.6


@pytest.mark.parametrize("speed", [0.02, 0.5])
def test_too_slow_and_too_fast_are_out_of_range(speed: float) -> None:
    found = motion_matched(T, np.full(24, 0.9), np.full(24, speed))
    assert found.code == "motion_out_of_range"
    assert motion_matched(T, np.full(24, 0.9), np.full(24, speed), level=speed).value is not None


def test_one_break_lowers_it() -> None:
    speeds = np.full(24, 0.1)
    y = np.full(24, 0.95)
    y[12] = 0.3
    whole = motion_matched(T, np.full(24, 0.95), speeds).value
    broken = motion_matched(T, y, speeds).value
    assert whole is not None
    assert broken == pytest.approx(whole - 0.65 / 23)


@pytest.mark.parametrize("n", [0, 1, 6])
def test_too_few_segments_get_a_code(n: int) -> None:
    assert motion_matched(T[:n], np.ones(n), np.full(n, 0.1)).code == "too_short"


def test_segments_without_a_speed_are_left_out() -> None:
    found = MotionMatched().of_arrays(T[1:], np.full(23, 0.9), T[:10], np.full(10, 0.1))
    assert found.value == pytest.approx(0.9)
    assert found.series["at_level"].t == pytest.approx(T[1:11])


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
        motion_matched([0, 1], [1, 1], [1])


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
    assert abs(fast.value - slow.value) < raw / 2
    assert changed.value < slow.value - raw / 2
