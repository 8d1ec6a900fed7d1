from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.errors import VideoDecodeError
from lvbench.video.audio.decode import AudioClock, AudioReader
from lvbench.video.audio.samples import AudioBlock
from lvbench.video.decoding.decode import open_video
from lvbench.video.frames import Products
from tests.metrics.sounds import clicking, flashing, write_with_sound


def heard(
    path: Path, start: float = 0.0
) -> tuple[NDArray[np.float32], AudioBlock, list[AudioBlock]]:
    """Return all samples, the first chunk and all chunks; damage raises."""
    with AudioReader(path, start) as reader:
        chunks = list(reader)
        reader.check()
    ends = [c.t0 + len(c) / c.rate for c in chunks]
    assert np.allclose(ends[:-1], [c.t0 for c in chunks[1:]], atol=1e-9)
    return np.concatenate([c.samples for c in chunks]), chunks[0], chunks


def tone(rate: int, channels: int, seconds: float = 1.5) -> NDArray[np.float64]:
    t = np.arange(round(rate * seconds)) / rate
    return np.stack([0.5 * np.sin(2 * np.pi * (200 + 50 * k) * t) for k in range(channels)], 1)


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000, 96000])
@pytest.mark.parametrize(
    ("codec", "form", "scale"), [("pcm_s16le", "s16", 2**15), ("pcm_f32le", "flt", 1.0)]
)
@pytest.mark.parametrize("layout", ["mono", "stereo", "5.1"])
def test_pcm_comes_back_as_it_was(
    awkward: Path, tmp_path: Path, rate: int, codec: str, form: str, scale: float, layout: str
) -> None:
    channels = {"mono": 1, "stereo": 2, "5.1": 6}[layout]
    wave = tone(rate, channels)
    kind = np.int16 if form == "s16" else np.float32
    data: NDArray[Any] = (wave * scale).astype(kind)
    path = tmp_path / "clip.mkv"
    settings: dict[str, Any] = {"codec": codec, "layout": layout, "format_": form}
    write_with_sound(path, awkward / "h264.mkv", data, rate, **settings)
    samples, first, _ = heard(path)
    assert (first.rate, samples.dtype, samples.shape[1]) == (rate, np.float32, channels)
    assert first.t0 == pytest.approx(0.0, abs=2e-3)
    assert np.array_equal(samples, (data / scale).astype(np.float32))
    assert first.channels[:2] == (("FC",) if channels == 1 else ("FL", "FR"))


def test_planar_floats_of_a_lossy_codec_keep_their_place(awkward: Path, tmp_path: Path) -> None:
    rate = 44100
    wave = clicking(2.0, [1.0], rate)[:, None]
    write_with_sound(tmp_path / "clip.mp4", awkward / "h264.mp4", wave, rate)
    samples, first, _ = heard(tmp_path / "clip.mp4")
    onset = int((np.abs(samples[:, 0]) > 0.1).argmax()) / rate + first.t0
    assert onset == pytest.approx(1.0, abs=0.005)


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv", "avi", "ts", "flv"])
def test_sound_and_picture_of_one_moment_get_one_time(tmp_path: Path, suffix: str) -> None:
    """The containers begin at different times and delay pictures; the first picture is 0."""
    frames, times = flashing(2.0, 24.0)
    path, rate = tmp_path / f"clip.{suffix}", 44100
    settings = {"codec": "pcm_s16le", "format_": "s16"} if suffix in ("avi", "mkv") else {}
    wave = clicking(2.0, times, rate)[:, None]
    data = (wave * 2**15).astype(np.int16) if settings else wave
    write_with_sound(path, frames, data, rate, **settings)
    with open_video(path, Products(luma=True)) as reader:
        chunks = [(c.pts, c.luma.max(axis=(1, 2))) for c in reader if c.luma is not None]
    lit = np.concatenate([light for _, light in chunks]) > 150
    flash = np.concatenate([t for t, _ in chunks])[lit][0]
    samples, first, _ = heard(path, reader.info.start)
    click = first.t0 + (np.abs(samples[:, 0]) > 0.1).argmax() / rate
    assert flash == pytest.approx(times[0], abs=1e-3)
    assert click == pytest.approx(flash, abs=2e-3)


def test_times_count_from_the_first_picture(awkward: Path, tmp_path: Path) -> None:
    path = tmp_path / "clip.mkv"
    wave = tone(8000, 1).astype(np.float32)
    write_with_sound(path, awkward / "h264.mkv", wave, 8000, codec="pcm_f32le", format_="flt")
    assert heard(path, start=0.5)[1].t0 == pytest.approx(-0.5, abs=2e-3)


def test_a_hole_in_the_time_stamps_is_filled_and_marked(awkward: Path, tmp_path: Path) -> None:
    path, rate = tmp_path / "clip.mkv", 16000
    wave = tone(rate, 1).astype(np.float32)
    settings: dict[str, Any] = {"codec": "pcm_f32le", "format_": "flt", "leaps": {8: 2.5}}
    write_with_sound(path, awkward / "h264.mkv", wave, rate, **settings)
    samples, _, chunks = heard(path)
    missing = [c for c in chunks if c.missing]
    assert sum(len(c) for c in missing) / rate == pytest.approx(2.5, abs=2e-3)
    assert missing[0].t0 == pytest.approx(8 * 1024 / rate, abs=2e-3)
    assert max(len(c) for c in missing) <= rate
    assert not any(c.samples.any() for c in missing)
    assert len(samples) / rate == pytest.approx(4.0, abs=3e-3)


def test_a_clock_that_is_set_anew_is_damage(awkward: Path, tmp_path: Path) -> None:
    path, rate = tmp_path / "clip.ts", 44100
    write_with_sound(path, awkward / "h264.ts", tone(rate, 1, 2.4).astype(np.float32), rate)
    path.write_bytes(path.read_bytes() * 2)
    with pytest.raises(VideoDecodeError, match="backwards") as caught:
        heard(path)
    assert caught.value.code == "audio_damaged"


def test_damaged_packets_are_damage_and_the_rest_is_read(awkward: Path, tmp_path: Path) -> None:
    path, rate = tmp_path / "clip.mp4", 44100
    write_with_sound(path, awkward / "h264.mp4", clicking(2.4, [0.5], rate)[:, None], rate)
    broken(path)
    with AudioReader(path) as reader:
        seconds = sum(len(chunk) for chunk in reader) / rate
        with pytest.raises(VideoDecodeError) as caught:
            reader.check()
    assert caught.value.code == "audio_damaged"
    assert seconds == pytest.approx(2.4, abs=0.1)


def broken(path: Path) -> None:
    """Overwrite every third packet of the sound."""
    import av

    with av.open(str(path)) as container:
        places = [(p.pos, p.size) for p in container.demux(audio=0) if p.size]
    data = bytearray(path.read_bytes())
    for position, size in places[3::3]:
        data[position : position + size] = b"\xff" * size
    path.write_bytes(data)


@pytest.mark.parametrize("name", ["h264.mp4", "gif.gif"])
def test_a_video_without_a_sound_track_says_so(awkward: Path, name: str) -> None:
    with pytest.raises(VideoDecodeError, match="none with audio") as caught:
        AudioReader(awkward / name)
    assert caught.value.code == "no_audio"


def test_a_folder_of_images_has_no_sound(tmp_path: Path) -> None:
    with pytest.raises(VideoDecodeError) as caught:
        AudioReader(tmp_path)
    assert caught.value.code == "no_audio"


RATE = 1000


def placed(*stamps: float | None, length: int = 100) -> tuple[list[tuple[int, int]], AudioClock]:
    clock, found = AudioClock(RATE), []
    for stamp in stamps:
        hole, overlap = clock.place(stamp, length)
        clock.advance(hole + length - overlap)
        found.append((hole, overlap))
    return found, clock


def test_rounded_stamps_move_nothing_and_do_not_add_up() -> None:
    found, clock = placed(*(k * 0.1 + 0.004 * (-1) ** k for k in range(50)))
    assert set(found) == {(0, 0)}
    assert clock.repairs == 0


def test_the_first_stamp_may_lie_before_the_picture() -> None:
    _, clock = placed(-0.5)
    assert clock.time == pytest.approx(-0.4)


def test_a_hole_is_filled_and_what_follows_keeps_its_time() -> None:
    found, clock = placed(0.0, 0.35, 0.45)
    assert found == [(0, 0), (250, 0), (0, 0)]
    assert clock.time == pytest.approx(0.55)
    assert clock.repairs == 0


def test_an_overlap_is_dropped_and_counted() -> None:
    found, clock = placed(0.0, 0.06, 0.16)
    assert found == [(0, 0), (0, 40), (0, 0)]
    assert clock.time == pytest.approx(0.26)
    assert clock.repairs == 1


@pytest.mark.parametrize("stamp", [-50.0, 1e6])
def test_a_clock_set_anew_is_not_followed(stamp: float) -> None:
    found, clock = placed(0.0, stamp, stamp + 0.1)
    assert found == [(0, 0)] * 3
    assert clock.time == pytest.approx(0.3)
    assert clock.repairs == 1


def test_without_stamps_samples_follow_each_other() -> None:
    found, clock = placed(None, None, 0.2)
    assert found == [(0, 0)] * 3
    assert clock.time == pytest.approx(0.3)
