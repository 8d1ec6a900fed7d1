from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.metrics import fie
from lvbench.metrics.motion.fie import Beat, Fie, beats, gaps
from lvbench.video.decoding.decode import open_video
from lvbench.video.frames import Products
from lvbench.world.clip import render_clip
from tests.features.flow.test_dis import panning
from tests.metrics.encoded import encoded

Clip = NDArray[np.uint8]
FIRST, LAST = 24, 60  # Frames between which a fault is planted.
Floats = NDArray[np.float64]


def colour(gray: Clip) -> Clip:
    return np.repeat(gray[..., None], 3, axis=-1)


def excerpt(path: Path, start: int, count: int = 72) -> tuple[Clip, float]:
    """Return `count` frames at 256 pixels' longest side, and their rate."""
    found: list[Clip] = []
    seen = 0
    with open_video(path, Products(rgb=True)) as reader:
        fps = reader.info.fps
        for chunk in reader:
            assert chunk.rgb is not None
            seen += len(chunk)
            if seen > start:
                found += list(chunk.rgb[max(0, len(chunk) - (seen - start)) :])
            if seen >= start + count:
                break
    height, width = found[0].shape[:2]
    scale = 256 / max(height, width)
    size = (round(width * scale), round(height * scale))
    frames = [cv2.resize(f, size, interpolation=cv2.INTER_AREA) for f in found[:count]]
    assert fps is not None
    return np.stack(frames).astype(np.uint8), fps


def held(clip: Clip) -> Clip:
    """Drop every second frame of a part and show the one before it in its place."""
    index = np.arange(len(clip))
    index[FIRST:LAST:2] -= 1
    return np.asarray(clip[index])


def doubled(clip: Clip) -> Clip:
    """Show every second frame of a part twice."""
    index = np.arange(len(clip))
    times = 1 + ((index >= FIRST) & (index < LAST) & (index % 2 == 0))
    return np.asarray(clip[np.repeat(index, times)])


def thinned(clip: Clip) -> Clip:
    """Leave out every third frame from a time on."""
    index = np.arange(len(clip))
    return np.asarray(clip[(index < FIRST) | ((index - FIRST) % 3 != 2)])


def test_the_numbers_on_a_case_worked_by_hand() -> None:
    """Levels 10, 40, 30, 200, 50 without texture: errors 20 and 160, flow can gain nothing."""
    levels = np.array([10, 40, 30, 200, 50], np.uint8)
    clip = np.broadcast_to(levels[:, None, None, None], (5, 32, 32, 3)).astype(np.uint8)
    score = fie(clip, 24.0)
    assert score.value == pytest.approx(90.0)
    psnr = [10 * np.log10(255**2 / (error**2 + 1 / 12)) for error in (20, 160)]
    assert score.components["psnr"] == pytest.approx(np.mean(psnr))
    assert score.components["gain"] == pytest.approx(0.0)


def test_a_pan_is_predictable_and_noise_is_not() -> None:
    pan = fie(colour(panning(13, 96, 160, 6)), 24.0)
    noise = fie(np.random.default_rng(0).integers(0, 256, (13, 96, 160, 3), np.uint8), 24.0)
    assert pan.components["gain"] > 10 > 1 > noise.components["gain"]
    assert pan.value is not None
    assert noise.value is not None
    assert pan.value < noise.value / 10


def test_stillness_has_no_error_and_a_gate() -> None:
    still = np.repeat(colour(panning(1, 48, 64, 1)), 30, axis=0)
    score = fie(still, 24.0)
    assert score.value == 0.0
    assert score.components["psnr"] == pytest.approx(58.92, abs=0.01)
    assert score.components["doubled"] == 0.0
    assert Fie.info.gates == ("stillness", "loop", "incoherence")


def test_frames_beside_a_cut_are_left_out() -> None:
    first, second = colour(panning(15, 96, 160, 4)), 255 - colour(panning(9, 96, 160, 2))
    # A cut two frames before the end cannot be detected: it counts unless it is declared.
    late = np.concatenate([first, second[:2]])
    whole, parted = fie(late, 24.0), fie(late, 24.0, cuts=[15 / 24])
    assert parted.value is not None
    assert whole.value is not None
    assert parted.value < 0.5 * whole.value
    clip = np.concatenate([first[:9], second])
    detected, declared = fie(clip, 24.0), fie(clip, 24.0, cuts=[9 / 24])
    assert detected.value == declared.value
    assert detected.value is not None
    assert detected.value < 0.5 * whole.value


def test_the_error_grows_where_prediction_fails() -> None:
    clip = np.concatenate(list(render_clip(8.0, 12.0, 96, 64, 3)))
    rng = np.random.default_rng(0)
    shaken = np.stack(
        [
            np.roll(frame, rng.integers(-3, 4, 2) if i > 48 else (0, 0), (0, 1))
            for i, frame in enumerate(clip)
        ]
    )
    before, after = fie(clip, 12.0), fie(shaken, 12.0)
    assert after.components["end_level"] > before.components["end_level"] + 1
    assert after.components["onset"] == pytest.approx(4.0, abs=0.75)


@pytest.mark.parametrize("count", [1, 2])
def test_too_short(count: int) -> None:
    score = fie(colour(panning(count, 48, 64, 1)), 24.0)
    assert (score.status, score.code) == ("not_applicable", "too_short")


# Real clips in which something moves; the two short ones from their start.
CLIPS = [
    ("big-buck-bunny-480p-30s.mp4", 100),
    ("intel_car-detection.mp4", 100),
    ("intel_one-by-one-person-detection.mp4", 100),
    ("ltx2_with_audio.mp4", 0),
    ("mdn_flower.mp4", 0),
    ("mdn_friday.mp4", 100),
    ("worldmark_m1_bad.mp4", 100),
    ("worldmark_m2_good.mp4", 100),
    ("worldmark_m3_bad.mp4", 100),
    ("worldmark_m5_good.mp4", 100),
]


@pytest.mark.assets
@pytest.mark.parametrize(("name", "start"), CLIPS)
def test_frames_doubled_in_a_real_clip_are_found(name: str, start: int, videos: Path) -> None:
    clip, fps = excerpt(videos / name, start)
    assert fie(clip, fps).events == []
    faults = ((held, FIRST, LAST - 2, 2, 18), (doubled, FIRST + 1, LAST + 16, 3, 18))
    for plant, first, last, period, count in faults:
        score = fie(plant(clip), fps)
        (event,) = score.events
        assert event.kind == "doubled_frames"
        assert event.start == pytest.approx(first / fps, abs=1 / fps)
        assert event.end == pytest.approx(last / fps, abs=1 / fps)
        assert (event.details["period"], event.details["count"]) == (period, count)
        assert score.components["doubled"] == pytest.approx(count / len(plant(clip)))


@pytest.mark.assets
def test_frames_doubled_where_nothing_moves_are_no_event(videos: Path) -> None:
    """A counter that ticks once a second: what is doubled between two ticks cannot be seen."""
    clip, fps = excerpt(videos / "wpt_movie_300.mp4", 100)
    assert all(fie(plant(clip), fps).events == [] for plant in (np.asarray, held, doubled))


@pytest.mark.assets
def test_frames_doubled_before_lossy_coding_are_found(videos: Path, tmp_path: Path) -> None:
    clip, fps = excerpt(videos / "worldmark_m3_good.mp4", 0)
    assert fie(encoded(clip, fps, tmp_path), fps).events == []
    (event,) = fie(encoded(held(clip), fps, tmp_path), fps).events
    assert (event.kind, event.details["period"]) == ("doubled_frames", 2)
    assert event.start == pytest.approx(FIRST / fps, abs=1 / fps)
    assert event.end == pytest.approx((LAST - 2) / fps, abs=1 / fps)


@pytest.mark.assets
@pytest.mark.parametrize("name", ["worldmark_m1_good.mp4", "worldmark_m3_good.mp4"])
def test_frames_dropped_from_a_moving_shot_are_found(name: str, videos: Path) -> None:
    """Every third one: where every second one goes, what is left is a clip of half the rate."""
    clip, fps = excerpt(videos / name, 0)
    score = fie(thinned(clip), fps)
    (event,) = score.events
    assert (event.kind, event.details["period"]) == ("dropped_frames", 2)
    assert event.start == pytest.approx((FIRST + 2) / fps, abs=1 / fps)
    assert event.details["ratio"] == pytest.approx(2.0, abs=0.25)
    assert event.details["count"] == pytest.approx(16, abs=1)


def walk(n: int = 96, seed: int = 0) -> Floats:
    """Return the motion of a natural clip: uneven by a twentieth, drifting."""
    rng = np.random.default_rng(seed)
    found: Floats = 0.01 * (1 + 0.05 * rng.standard_normal(n) + 0.3 * np.sin(np.arange(n) / 15))
    return found


def found(motion: Floats) -> list[Beat]:
    return beats(motion, np.nan_to_num(300 * motion))


@pytest.mark.parametrize("seed", range(8))
def test_natural_motion_has_no_beat(seed: int) -> None:
    assert found(walk(400, seed)) == []


def test_noise_has_next_to_none() -> None:
    """Motion that knows nothing of the pair before is worse than any video's."""
    noise = [np.random.default_rng(seed).exponential(0.01, 400) for seed in range(30)]
    assert sum(len(found(motion)) for motion in noise) <= 3


def test_every_second_frame_held() -> None:
    motion = walk()
    motion[31:62:2] += motion[30:61:2]
    motion[30:61:2] = 0
    (beat,) = found(motion)
    assert (beat.kind, beat.first, beat.last, beat.period, beat.count) == ("doubled", 30, 60, 2, 16)


def test_two_of_three_pairs_stand_in_animation_on_threes() -> None:
    motion = np.zeros(96)
    motion[::3] = 3 * walk(32)
    (beat,) = found(motion)
    assert (beat.kind, beat.period, beat.count) == ("doubled", 3, 64)


@pytest.mark.parametrize(("factor", "kind"), [(2.0, "dropped"), (1.45, "jerk")])
def test_a_jump_by_a_frame_is_a_dropped_one_and_less_is_jerk(factor: float, kind: str) -> None:
    motion = walk()
    motion[10:90:4] *= factor
    (beat,) = found(motion)
    assert (beat.kind, beat.first, beat.last, beat.period) == (kind, 10, 86, 4)
    assert beat.ratio == pytest.approx(factor, rel=0.1)


def test_a_freeze_is_no_beat() -> None:
    motion = walk()
    motion[40:70] = 0
    assert found(motion) == []


def test_a_cut_hides_no_beat() -> None:
    motion = walk()
    motion[20:80:4] = 0
    motion[47] = np.nan
    assert [beat.period for beat in found(motion)] == [4]


def test_gaps_in_time_are_dropped_frames_with_their_number() -> None:
    dt = np.full(60, 1 / 24)
    dt[10:30:2] = 2 / 24
    dt[50] = 4 / 24
    moving = np.full(60, 0.01)
    first, single = gaps(dt, moving)
    assert (first.kind, first.first, first.last, first.period) == ("dropped", 10, 28, 2)
    assert first.count == 10
    assert (single.first, single.period, single.count) == (50, 0, 3)
    assert gaps(dt, np.zeros(60)) == []
    assert gaps(np.full(60, 0.033) + np.arange(60) % 3 * 0.0005, moving) == []


def test_too_few_pairs_have_none() -> None:
    assert found(walk(7)) == []
    assert beats(np.empty(0), np.empty(0)) == []
    assert gaps(np.empty(0), np.empty(0)) == []
