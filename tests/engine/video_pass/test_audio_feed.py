"""Sound is read in step with the pictures; what is wrong with it touches nothing else."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.engine.video_pass.audio_feed import AudioFeed
from lvbench.engine.video_pass.one_pass import score_video
from lvbench.engine.video_pass.task import tasks_from
from lvbench.engine.video_pass.tools import Tools, build_tools
from lvbench.features.audio.stream import AudioAnalysis, AudioExtractor, AudioStream
from lvbench.features.base import ExtractorSpec, Features
from lvbench.protocol.schema import MetricEntry, Protocol
from lvbench.results.schema import ItemRecord, ItemScore
from lvbench.video.audio import decode as audio_decode
from lvbench.video.audio.samples import AudioBlock
from lvbench.video.decoding.decode import probe
from lvbench.video.frames import Products
from lvbench.video.manifest.entry import ManifestEntry
from lvbench.video.manifest.entry import SoundEvent as Ordered
from tests.metrics.sounds import clicking, flashing, write_with_sound

RATE = 16000
SOUND = ("audio_quality", "av_sync", "sound_events")
PICTURE = ("freeze", "exposure_drift")


def tools(*names: str) -> Tools:
    metrics = [MetricEntry(name=name, version=1) for name in names]
    return build_tools(
        Protocol(name="any", version=1, draft=True, segment_seconds=0.5, metrics=metrics)
    )


def scores(path: Path, *names: str, sounds: tuple[float, ...] = ()) -> dict[str, ItemScore]:
    ordered = tuple(Ordered(start=t) for t in sounds)
    entry = ManifestEntry(path=path, id="clip", sounds=ordered)
    return score_video(tasks_from([entry], path.parent)[0], tools(*names)).record.metrics


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[float]]:
    """Return a folder with one film with sound, without, and with broken sound; its clicks."""
    root = tmp_path_factory.mktemp("sound")
    frames, times = flashing(6.0, 24.0)
    wave = clicking(6.0, times, RATE)[:, None]
    write_with_sound(root / "whole.mp4", frames, wave, RATE)
    write_with_sound(root / "broken.mp4", root / "whole.mp4", wave, RATE)
    data = bytearray((root / "broken.mp4").read_bytes())
    import av

    with av.open(str(root / "broken.mp4")) as container:
        places = [(p.pos, p.size) for p in container.demux(audio=0) if p.size]
    for position, size in places[3::3]:
        data[position : position + size] = b"\xff" * size
    (root / "broken.mp4").write_bytes(data)
    with av.open(str(root / "whole.mp4")) as source, av.open(str(root / "mute.mp4"), "w") as mute:
        stream = mute.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                mute.mux(packet)
    return root, times


def test_a_complete_film_is_scored_by_pictures_and_audio(folder: tuple[Path, list[float]]) -> None:
    root, times = folder
    found = scores(root / "whole.mp4", *SOUND, *PICTURE, sounds=tuple(times))
    assert all(score.status == "ok" for score in found.values())
    assert found["av_sync"].value == pytest.approx(0.0, abs=0.01)
    assert found["sound_events"].value == 1.0
    assert found["audio_quality"].value == 0.0


def test_without_a_sound_track_the_ears_do_not_apply(folder: tuple[Path, list[float]]) -> None:
    root, times = folder
    found = scores(root / "mute.mp4", *SOUND, *PICTURE, sounds=tuple(times))
    assert {found[n].status for n in SOUND} == {"not_applicable"}
    assert {found[n].code for n in SOUND} == {"no_audio"}
    assert {found[n].status for n in PICTURE} == {"ok"}
    assert all("fix" in (found[n].detail or "") for n in SOUND)


def test_broken_sound_fails_the_ears_and_leaves_the_eyes(
    folder: tuple[Path, list[float]],
) -> None:
    root, _ = folder
    found = scores(root / "broken.mp4", *SOUND, *PICTURE)
    assert {found[n].status for n in SOUND} == {"failed"}
    assert {found[n].code for n in SOUND} == {"audio_damaged"}
    eyes = scores(root / "whole.mp4", *PICTURE)
    assert {n: found[n] for n in PICTURE} == eyes


def test_nobody_listens_and_no_sound_is_opened(
    folder: tuple[Path, list[float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the sound was opened")

    monkeypatch.setattr(audio_decode.AudioReader, "__init__", refuse)
    assert scores(folder[0] / "whole.mp4", *PICTURE)["freeze"].status == "ok"


def test_sound_is_read_no_further_than_the_pictures(folder: tuple[Path, list[float]]) -> None:
    heard: list[float] = []

    class Ear(AudioExtractor):
        spec = ExtractorSpec("ear", 1, Products(), "none")

        def start_audio(self, rate: int, channels: tuple[str, ...]) -> AudioAnalysis:
            return Listening()

    class Listening(AudioAnalysis):
        def push(self, audio: AudioBlock) -> Iterator[Features]:
            heard.append(audio.t0 + len(audio) / audio.rate)
            return iter(())

        def finish(self) -> Iterator[Features]:
            return iter(())

    path = folder[0] / "whole.mp4"
    with AudioFeed(probe(path), AudioStream({"ear": Ear()}, lambda *_: None)) as feed:
        for time in np.arange(0.0, 5.0, 0.5):
            feed.until(float(time))
            assert time <= heard[-1] < time + 0.2
        assert not feed.finish(6.0)
    assert heard[-1] == pytest.approx(6.0, abs=0.1)


def test_a_hole_in_the_time_stamps_is_one_fault(
    folder: tuple[Path, list[float]], tmp_path: Path
) -> None:
    t = np.arange(5 * RATE) / RATE
    wave = (0.2 * np.sin(2 * np.pi * 300 * t)).astype(np.float32)[:, None]
    path = tmp_path / "hole.mkv"
    form = {"codec": "pcm_f32le", "format_": "flt"}
    write_with_sound(path, flashing(6.0, 24.0)[0], wave, RATE, **form, leaps={32: 0.8})
    found = scores(path, "audio_quality")["audio_quality"]
    (event,) = found.events
    assert (event.kind, event.details["source"]) == ("gap", "time stamps")
    assert (event.start, event.end) == (
        pytest.approx(32 * 1024 / RATE, abs=0.02),
        pytest.approx(32 * 1024 / RATE + 0.8, abs=0.02),
    )


def tone(seconds: float, level: float = 0.2) -> NDArray[np.float32]:
    t = np.arange(round(seconds * RATE)) / RATE
    return (level * np.sin(2 * np.pi * 300 * t)).astype(np.float32)[:, None]


def record(path: Path, *names: str) -> ItemRecord:
    entry = ManifestEntry(path=path, id="clip")
    return score_video(tasks_from([entry], path.parent)[0], tools(*names)).record


@pytest.mark.parametrize("extra", [0.0, 0.3, 3.0])
def test_audio_after_the_last_picture_is_not_scored(tmp_path: Path, extra: float) -> None:
    """What follows the picture is silent, clipped and torn: none of it is counted."""
    path = tmp_path / "long.mkv"
    torn = np.zeros((round(extra * RATE), 1), np.float32)
    torn[100::400] = 1.5
    form = {"codec": "pcm_f32le", "format_": "flt"}
    wave = np.concatenate([tone(4.0), torn])
    write_with_sound(path, flashing(4.0, 24.0)[0], wave, RATE, **form)
    found = record(path, "audio_quality")
    assert found.video.flags == (["audio_longer"] if extra > 0.5 else [])
    longer = pytest.approx(extra, abs=0.1) if extra > 0.5 else None
    assert found.video.audio_longer == longer
    assert ("audio_longer" in found.video.model_dump()) == (extra > 0.5)
    assert found.metrics["audio_quality"].value == 0.0
    assert found.metrics["audio_quality"].events == []
    assert found.metrics["audio_quality"].components["silence"] == 0.0


def test_audio_before_the_first_picture_is_not_scored(tmp_path: Path) -> None:
    path = tmp_path / "early.mkv"
    wave = tone(4.0)
    wave[: RATE // 2] = np.clip(20 * wave[: RATE // 2], -1, 1)
    form = {"codec": "pcm_f32le", "format_": "flt"}
    write_with_sound(path, flashing(3.5, 24.0)[0], wave, RATE, **form)
    late = Path(tmp_path / "late.mkv")
    command = ["ffmpeg", "-v", "error", "-itsoffset", "0.5", "-i", str(path), "-i", str(path)]
    command += ["-map", "0:v", "-map", "1:a", "-c", "copy", str(late)]
    subprocess.run(command, check=True, capture_output=True)
    assert record(path, "audio_quality").metrics["audio_quality"].events
    found = record(late, "audio_quality").metrics["audio_quality"]
    assert (found.value, found.events) == (0.0, [])


@pytest.mark.parametrize("default", [0, 1, None])
def test_the_default_track_is_scored(tmp_path: Path, default: int | None) -> None:
    """One track is silent; without a mark the first one counts."""
    write_with_sound(tmp_path / "loud.mkv", flashing(2.0, 24.0)[0], tone(2.0), RATE)
    write_with_sound(tmp_path / "mute.mkv", flashing(2.0, 24.0)[0], tone(2.0, 0.0), RATE)
    path = tmp_path / "both.mkv"
    command = ["ffmpeg", "-v", "error", "-i", str(tmp_path / "mute.mkv")]
    command += ["-i", str(tmp_path / "loud.mkv"), "-map", "0:v", "-map", "0:a", "-map", "1:a"]
    for track in (0, 1):
        command += [f"-disposition:a:{track}", "default" if track == default else "0"]
    subprocess.run([*command, "-c", "copy", str(path)], check=True, capture_output=True)
    found = record(path, "audio_quality").metrics["audio_quality"]
    assert found.code == (None if default == 1 else "silent")
