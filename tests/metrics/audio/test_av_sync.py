from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.engine.video_pass.one_pass import score_video
from lvbench.engine.video_pass.task import tasks_from
from lvbench.engine.video_pass.tools import build_tools
from lvbench.features.base import Features
from lvbench.metrics import av_sync
from lvbench.metrics.audio.av_sync import (
    HOP,
    Onsets,
    Search,
    confident_offsets,
    on_grid,
    standardised,
)
from lvbench.metrics.base import VideoContext
from lvbench.protocol.schema import MetricEntry, Protocol
from lvbench.results.schema import ItemScore
from lvbench.video.audio.decode import AudioReader
from lvbench.video.manifest.entry import ManifestEntry
from tests.metrics.sounds import clicking, flashing, shifted, write_with_sound

FPS, RATE = 25.0, 16000
FRAME = 1 / FPS
SEARCH = Search(8.0, 2.0, 0.5, 0.03, 5.0, 0.8, 0)


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
    for offset, drift in ((0.0, 0.0), (-0.12, 0.0), (0.0, 0.02)):
        path = tmp_path / f"{len(found)}.mp4"
        moved = shifted(audio, rate, offset, drift)[:, None]
        write_with_sound(path, source, moved, rate, seconds=15.0)
        found[offset, drift] = of_file(path)
        assert found[offset, drift].status == "ok"
    whole = found[0.0, 0.0].value
    assert whole is not None
    frame = 1 / 24
    assert found[-0.12, 0.0].value == pytest.approx(whole - 0.12, abs=frame)
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


def train(seconds: float, seed: int = 0, shift: float = 0.0) -> np.ndarray:
    times = np.cumsum(np.random.default_rng(seed).uniform(0.4, 1.3, 200)) + shift
    grid = np.arange(0.0, seconds, HOP)
    return np.asarray(np.exp(-0.5 * ((grid[:, None] - times) / 0.02) ** 2).sum(axis=1))


def test_a_short_video_is_one_window() -> None:
    found, windows = confident_offsets(train(5.0), train(5.0, shift=0.06), SEARCH)
    assert windows == 1
    assert found[0].t == pytest.approx(2.5)
    assert found[0].offset == pytest.approx(0.06, abs=0.002)


def test_a_long_one_has_a_window_every_step() -> None:
    found, windows = confident_offsets(train(20.0), train(20.0, shift=-0.1), SEARCH)
    assert windows == 7
    assert [o.t for o in found] == pytest.approx([4, 6, 8, 10, 12, 14, 16])
    assert [o.offset for o in found] == pytest.approx([-0.1] * 7, abs=0.002)


def test_a_part_without_relation_gives_no_offsets() -> None:
    audio = train(30.0)
    audio[1500:] = train(15.0, seed=5)
    found, windows = confident_offsets(train(30.0), audio, SEARCH)
    assert windows == 12
    assert {o.t for o in found} >= {4, 6, 8, 10}
    assert max(o.t for o in found) < 20


def test_strengths_count_alike_and_none_dominates() -> None:
    one, two = np.zeros(100), np.zeros(100)
    one[10], two[20] = 1.0, 1e6
    total = standardised([one, two, np.ones(100)])
    assert total[10] == total[20] == 4.0


def test_what_changes_slowly_is_taken_off() -> None:
    t = np.arange(0.0, 10.0, 0.04)
    assert np.abs(on_grid(t, np.full_like(t, 3.0), 9.9)).max() < 0.2
    click = (np.abs(t - 5.0) < 1e-9).astype(float)
    series = on_grid(t, click, 9.9)
    assert series.argmax() == 500


def flow(t: list[float], speed: list[float], light: list[int]) -> Features:
    """Return features of `dis` with one speed in pixels and one luma per frame."""
    n = len(t)
    forward = np.zeros((n, 6, 8, 2), np.float32)
    forward[..., 0] = np.asarray(speed)[:, None, None]
    gray = np.broadcast_to(np.asarray(light, np.uint8)[:, None, None], (n + 1, 6, 8))
    return Features(np.asarray(t), {"forward": forward, "gray": gray, "dt": np.full(n, 0.1)})


def test_only_what_grows_is_an_onset_also_across_blocks() -> None:
    whole, split = Onsets(VideoContext()), Onsets(VideoContext())
    speeds, light = [1.0, 1.0, 3.0, 2.0], [10, 10, 10, 30, 20]
    t = [0.1, 0.2, 0.3, 0.4]
    whole.add_flow(flow(t, speeds, light))
    split.add_flow(flow(t[:2], speeds[:2], light[:3]))
    split.add_flow(flow(t[2:], speeds[2:], light[2:]))
    rows = whole.pairs.values().reshape(-1, 3)
    assert np.array_equal(rows, split.pairs.values().reshape(-1, 3))
    # Two pixels more per 0.1 s on a diagonal of ten, and 20 levels in 0.1 s.
    assert np.allclose(rows, [[0.1, 0, 0], [0.2, 0, 0], [0.3, 2, 200], [0.4, 0, 0]])


def test_cuts_found_and_declared_are_marked() -> None:
    onsets = Onsets(VideoContext(cuts=(0.3,)), cuts=[0.1])
    assert onsets.at_cuts(np.array([0.1, 0.2, 0.3])).tolist() == [True, False, True]
