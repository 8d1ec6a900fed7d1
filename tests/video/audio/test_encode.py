"""Sound beside pictures: every sample is kept, at its time, and the bytes are the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.errors import UsageError
from lvbench.video.audio.decode import AudioReader
from lvbench.video.audio.encode import as_integers, mono
from lvbench.video.audio.samples import AudioBlock
from lvbench.video.decoding.decode import open_video
from lvbench.video.encode import write_video
from lvbench.video.frames import Products, concatenate

Texture = Callable[..., NDArray[np.uint8]]
RATE = 16000


def noise(seconds: float, channels: int = 1) -> NDArray[np.float32]:
    shape = round(seconds * RATE), channels
    return np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)


def heard(path: Path) -> NDArray[np.float32]:
    with AudioReader(path) as reader:
        sounds = list(reader)
        reader.check()
    assert sounds[0].t0 == 0
    assert {s.rate for s in sounds} == {RATE}
    return np.concatenate([s.samples for s in sounds])


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
@pytest.mark.parametrize("channels", [1, 2])
def test_every_sample_is_kept_beside_the_pictures(
    tmp_path: Path, texture: Texture, name: str, channels: int
) -> None:
    clip, samples = texture(20), noise(20 / 24, channels)
    kinds = ("FC",) if channels == 1 else ("FL", "FR")
    parts = [
        AudioBlock(at / RATE, RATE, samples[at : at + 999], kinds) for at in range(0, 13333, 999)
    ]
    path = tmp_path / name
    assert write_video(path, [clip], 24, lossless=True, audio=parts) == 20
    np.testing.assert_array_equal(heard(path), as_integers(samples) / np.float32(32768))
    with open_video(path, Products(rgb=True)) as reader:
        read = concatenate(list(reader))
    np.testing.assert_array_equal(read.rgb, clip)
    assert read.pts[0] == 0


def test_the_same_sound_gives_the_same_bytes_however_it_comes(
    tmp_path: Path, texture: Texture
) -> None:
    samples, written = noise(1.0)[:, 0], set()
    for size in (16000, 700, 4608):
        parts = mono((samples[at : at + size] for at in range(0, RATE, size)), RATE)
        write_video(tmp_path / "a.mp4", [texture(24)], 24, audio=parts)
        written.add((tmp_path / "a.mp4").read_bytes())
    assert len(written) == 1


def test_sound_is_fetched_no_further_than_the_pictures(tmp_path: Path, texture: Texture) -> None:
    asked: list[int] = []

    def second() -> Iterator[NDArray[np.float32]]:
        for number in range(8):
            asked.append(number)
            yield noise(1.0)[:, 0]

    def pictures() -> Iterator[NDArray[np.uint8]]:
        for number in range(4):
            assert len(asked) <= number + 2
            yield texture(8)

    write_video(tmp_path / "a.mp4", pictures(), 8, audio=mono(second(), RATE))
    assert len(asked) == 8


def test_what_exceeds_full_scale_is_cut_off_and_not_wrapped() -> None:
    given = np.array([-2, -1, 0, 0.5, 1, 2], np.float32)
    assert as_integers(given).tolist() == [-32768, -32768, 0, 16384, 32767, 32767]


def test_a_sound_that_changes_its_rate_is_refused(tmp_path: Path, texture: Texture) -> None:
    samples = noise(0.5)
    changing = [AudioBlock(0, RATE, samples, ("FC",)), AudioBlock(0.5, 8000, samples, ("FC",))]
    with pytest.raises(UsageError, match="changes its rate"):
        write_video(tmp_path / "a.mp4", [texture(24)], 24, audio=changing)
    assert not list(tmp_path.iterdir())


def test_an_error_of_the_sounds_maker_stays_its_own(tmp_path: Path, texture: Texture) -> None:
    def failing() -> Iterator[AudioBlock]:
        yield AudioBlock(0, RATE, noise(0.1), ("FC",))
        raise ValueError("of the maker")

    with pytest.raises(ValueError, match="of the maker"):
        write_video(tmp_path / "a.mp4", [texture(24)], 24, audio=failing())
    assert not list(tmp_path.iterdir())
