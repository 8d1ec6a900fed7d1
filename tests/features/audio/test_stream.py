from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from lvbench.features.audio.stream import AudioAnalysis, AudioExtractor, AudioStream, AudioWindows
from lvbench.features.base import ExtractorSpec, Features
from lvbench.features.registry import build
from lvbench.features.stream import FeatureStream
from lvbench.video.audio.samples import AudioBlock
from lvbench.video.frames import Frames, Products
from tests.metrics.sounds import clicks, pieces

LISTENERS = ["loudness", "onset_strength", "waveform"]


def features(name: str, audio: AudioBlock, length: int) -> Features:
    """Return all features of a sound that comes in chunks of so many samples."""
    found: list[Features] = []
    stream = AudioStream({name: build(name)}, lambda _, f: found.append(f))
    for piece in pieces(audio, length):
        stream.push(piece)
    stream.finish()
    names = found[0].values
    arrays = {key: np.concatenate([f[key] for f in found]) for key in names}
    return Features(np.concatenate([f.t for f in found]), arrays)


@pytest.mark.parametrize("name", LISTENERS)
def test_the_chunks_move_no_bit(name: str) -> None:
    audio = clicks(3.3)
    whole = features(name, audio, len(audio))
    for length in (1, 160, 1023) if name == "loudness" else (1023, 16001):
        parts = features(name, audio, length)
        assert np.array_equal(whole.t, parts.t)
        assert all(np.array_equal(whole[key], parts[key]) for key in whole.values)


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 44100, 48000, 96000])
@pytest.mark.parametrize("name", LISTENERS)
def test_every_rate_is_covered_from_end_to_end(name: str, rate: int) -> None:
    found = features(name, clicks(2.0, rate=rate), 4096)
    assert found.t[0] == pytest.approx(0.0, abs=0.06)
    assert found.t[-1] == pytest.approx(2.0, abs=0.16)
    assert all(np.isfinite(values).all() for values in found.values.values())


def test_windows_tile_the_samples_with_zeros_around() -> None:
    windows = AudioWindows(hop=3, before=1, after=2, block=2)
    line = np.arange(1, 12, dtype=np.float32)[:, None]
    blocks = [*windows.push(line[:5]), *windows.push(line[5:]), *windows.finish()]
    assert [len(b) for b in blocks] == [2, 1]
    found = np.concatenate(blocks)[:, :, 0]
    assert found.tolist() == [[0, 1, 2, 3, 4, 5], [3, 4, 5, 6, 7, 8], [6, 7, 8, 9, 10, 11]]


class _Breaking(AudioExtractor):
    spec = ExtractorSpec("breaking", 1, Products(), "none")

    def start_audio(self, rate: int, channels: tuple[str, ...]) -> AudioAnalysis:
        return _Broken()


class _Broken(AudioAnalysis):
    def push(self, audio: AudioBlock) -> Iterator[Features]:
        raise ArithmeticError("planted")

    def finish(self) -> Iterator[Features]:
        return iter(())


def test_one_that_raises_leaves_the_others_alone() -> None:
    heard: set[str] = set()
    failed: dict[str, Exception] = {}
    tools = {"breaking": _Breaking(), "loudness": build("loudness"), "dis": build("dis")}
    stream = AudioStream(tools, lambda name, _: heard.add(name), failed.__setitem__)
    stream.push(clicks(2.0))
    stream.finish()
    assert heard == {"loudness"}
    assert str(failed["breaking"]) == "planted"


def test_whoever_listens_is_told_why_there_is_nothing_to_hear() -> None:
    failed: dict[str, Exception] = {}
    tools = {"loudness": build("loudness"), "dis": build("dis")}
    stream = AudioStream(tools, lambda *_: None, failed.__setitem__)
    assert stream.listens
    reason = ValueError("no sound")
    stream.fail(reason)
    assert failed == {"loudness": reason}
    assert not stream.listens
    assert not AudioStream({"dis": build("dis")}, lambda *_: None).listens


def test_pictures_are_not_for_it() -> None:
    frames = Frames(np.arange(2.0), luma=np.zeros((2, 32, 32), np.uint8))
    stream = FeatureStream({"loudness": build("loudness")}, None, lambda *_: None)
    stream.push(frames)
    stream.finish()
    with pytest.raises(TypeError, match="reads audio"):
        build("loudness")(frames)
