from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.engine.video_pass.one_pass import score_video
from lvbench.engine.video_pass.task import tasks_from
from lvbench.engine.video_pass.tools import build_tools
from lvbench.metrics import av_sync
from lvbench.protocol.schema import MetricEntry, Protocol
from lvbench.results.schema import ItemScore
from lvbench.video.audio.decode import AudioReader
from lvbench.video.manifest.entry import ManifestEntry
from tests.metrics.sounds import clicking, flashing, shifted, write_with_sound

FPS, RATE = 25.0, 16000
FRAME = 1 / FPS


@cache
def clip() -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    frames, times = flashing(16.0, FPS)
    return frames, clicking(16.0, times, RATE)


def scored(offset: float = 0.0, drift: float = 0.0) -> ItemScore:
    frames, audio = clip()
    return av_sync(frames, FPS, audio=shifted(audio, RATE, offset, drift), rate=RATE)


@pytest.mark.parametrize("offset", [-0.12, 0.0, 0.08, 0.4])
def test_the_offset_of_shifted_sound(offset: float) -> None:
    score = scored(offset)
    assert score.value == pytest.approx(offset, abs=0.01)
    assert score.components["confident"] == 1.0
    assert score.components["drift"] == pytest.approx(0.0, abs=0.5)
    assert bool(score.events) == (abs(offset) >= 0.1)
    assert all(event.kind == "out_of_sync" for event in score.events)


def test_sound_that_drifts_is_followed() -> None:
    score = scored(drift=0.02)
    assert score.components["drift"] == pytest.approx(20.0, abs=1.0)
    curve = score.series["offset"]
    assert np.asarray(curve.y) == pytest.approx(0.02 * np.asarray(curve.t), abs=FRAME)


def test_an_offset_is_followed_past_the_range_of_one_window() -> None:
    score = scored(offset=-0.35, drift=-0.02)
    curve = score.series["offset"]
    assert np.asarray(curve.y) == pytest.approx(-0.35 - 0.02 * np.asarray(curve.t), abs=FRAME)
    assert curve.y[-1] < -0.5


def test_sound_of_something_else_has_no_offset() -> None:
    frames, _ = clip()
    other = clicking(16.0, flashing(16.0, FPS, seed=9)[1], RATE)
    score = av_sync(frames, FPS, audio=other, rate=RATE)
    assert (score.status, score.code) == ("not_applicable", "low_confidence")


def test_what_has_no_onsets_has_no_offset() -> None:
    frames, audio = clip()
    still = np.repeat(frames[:1], len(frames), axis=0)
    assert av_sync(still, FPS, audio=audio, rate=RATE).code == "no_motion"
    assert av_sync(frames, FPS, audio=np.zeros_like(audio), rate=RATE).code == "silent"
    assert av_sync(frames[:60], FPS, audio=audio, rate=RATE).code == "too_short"


def test_a_cut_is_no_motion() -> None:
    frames, audio = clip()
    halves = np.concatenate([frames[:200], 255 - frames[200:]])
    score = av_sync(halves, FPS, audio=audio, rate=RATE, cuts=(200 / FPS,))
    assert score.value == pytest.approx(0.0, abs=0.01)


@pytest.fixture(scope="module")
def tick(videos: Path) -> tuple[Path, NDArray[np.float32], int]:
    """Return a film of counters and ticks: its path, the first 15 s of its sound, the rate."""
    path = videos / "wpt_movie_300.mp4"
    return path, *beginning(path, 15.0)


def beginning(path: Path, seconds: float) -> tuple[NDArray[np.float32], int]:
    parts = []
    with AudioReader(path) as reader:
        for audio in reader:
            parts.append(audio.samples)
            if audio.t0 > seconds:
                break
    return np.concatenate(parts).mean(axis=1), audio.rate


def of_file(path: Path) -> ItemScore:
    metrics = [MetricEntry(name="av_sync", version=1)]
    protocol = Protocol(name="sound", version=1, draft=True, segment_seconds=0.5, metrics=metrics)
    task = tasks_from([ManifestEntry(path=path, id="clip")], path.parent)[0]
    return score_video(task, build_tools(protocol)).record.metrics["av_sync"]


@pytest.mark.assets
def test_a_real_clip_muxed_anew_with_shifted_sound(
    tick: tuple[Path, NDArray[np.float32], int], tmp_path: Path
) -> None:
    source, audio, rate = tick
    found: dict[tuple[float, float], ItemScore] = {}
    for offset, drift in ((0.0, 0.0), (-0.12, 0.0), (0.08, 0.0), (0.0, 0.02)):
        path = tmp_path / f"{len(found)}.mp4"
        moved = shifted(audio, rate, offset, drift)[:, None]
        write_with_sound(path, source, moved, rate, seconds=15.0)
        found[offset, drift] = of_file(path)
        assert found[offset, drift].status == "ok"
    whole = found[0.0, 0.0].value
    assert whole is not None
    frame = 1 / 24
    assert found[-0.12, 0.0].value == pytest.approx(whole - 0.12, abs=frame)
    assert found[0.08, 0.0].value == pytest.approx(whole + 0.08, abs=frame)
    drifting = found[0.0, 0.02]
    assert drifting.components["drift"] == pytest.approx(20.0, abs=2.0)
    curve = drifting.series["offset"]
    assert np.asarray(curve.y) == pytest.approx(whole + 0.02 * np.asarray(curve.t), abs=frame)


@pytest.mark.assets
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("ltx2_with_audio.mp4", "low_confidence"),
        ("mdn_friday.mp4", "low_confidence"),
        ("mdn_flower.mp4", "silent"),
    ],
)
def test_where_sound_and_motion_share_no_onsets_it_says_so(
    videos: Path, name: str, code: str
) -> None:
    score = of_file(videos / name)
    assert (score.status, score.code) == ("not_applicable", code)
