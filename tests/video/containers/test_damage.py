"""Damage by rule, in every container: what decodes to other frames or times is not `ok`."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.errors import VideoDecodeError
from lvbench.video.decoding.decode import open_video
from lvbench.video.frames import Products, concatenate
from tests.video.containers.damage import FRAMES, RULES, SEEDS, damaged, lies, write_seeds

TRIES = 6  # of each rule in each container


@dataclass(frozen=True, slots=True)
class Decoded:
    code: str
    flags: tuple[str, ...] = ()
    times: NDArray[np.float64] | None = None
    luma: NDArray[np.uint8] | None = None


def decoded(path: Path) -> Decoded:
    try:
        with open_video(path, Products(luma=True)) as reader:
            frames = concatenate(list(reader))
            return Decoded(reader.outcome.code, reader.outcome.flags, frames.pts, frames.luma)
    except VideoDecodeError as error:
        return Decoded(error.code)


def same_frames(found: Decoded, seed: Decoded) -> bool:
    """Return whether as many frames came, at the same times."""
    assert found.times is not None
    assert seed.times is not None
    return len(found.times) == len(seed.times) and np.allclose(found.times, seed.times, atol=1e-6)


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seeds")
    write_seeds(folder)
    return folder


@pytest.mark.parametrize("name", SEEDS)
def test_a_damaged_file_is_not_ok_unless_all_its_frames_came(
    seeds: Path, tmp_path: Path, name: str
) -> None:
    seed = decoded(seeds / name)
    assert seed.code == "ok"
    assert seed.times is not None
    assert len(seed.times) == FRAMES
    path, data, seen = tmp_path / name, (seeds / name).read_bytes(), 0
    for rule in RULES:
        for number in range(TRIES):
            path.write_bytes(damaged(data, rule, number))
            found = decoded(path)
            seen += found.code != "ok"
            assert found.code != "ok" or same_frames(found, seed), f"{rule} {number}"
    assert seen >= len(RULES) * TRIES // 2


@pytest.mark.parametrize("name", ["h264.mp4", "first.mp4", "h264.mov"])
def test_an_index_that_lies_is_found(seeds: Path, tmp_path: Path, name: str) -> None:
    """Edit lists may leave out frames: that is a flag."""
    seed = decoded(seeds / name)
    path = tmp_path / name
    for what, data in lies((seeds / name).read_bytes()):
        path.write_bytes(data)
        found = decoded(path)
        legal = what.startswith("elst") and "edited" in found.flags
        assert found.code != "ok" or legal or same_frames(found, seed), what


@pytest.mark.parametrize("name", ["mpeg4.avi", "gif.gif", "webp.webp"])
def test_two_files_in_one_are_not_one_video(seeds: Path, tmp_path: Path, name: str) -> None:
    path, data = tmp_path / name, (seeds / name).read_bytes()
    path.write_bytes(data + data)
    found = decoded(path)
    assert found.code == "index_broken" or same_frames(found, decoded(seeds / name))


@pytest.mark.parametrize("name", ["h264.ts", "mpeg2.mpg"])
def test_streams_may_be_joined(seeds: Path, tmp_path: Path, name: str) -> None:
    path, data = tmp_path / name, (seeds / name).read_bytes()
    path.write_bytes(data + data)
    found = decoded(path)
    assert (found.code, found.flags) == ("ok", ("recordings_joined",))
    assert found.times is not None
    assert len(found.times) == 2 * FRAMES
    np.testing.assert_allclose(np.diff(found.times), 1 / 24, atol=2e-3)


@pytest.mark.parametrize(("repeats", "code"), [(1, "ok"), (2, "times_repaired")])
def test_repeated_stamps_in_up_to_a_hundredth_of_the_frames_are_a_flag(
    tmp_path: Path, repeats: int, code: str
) -> None:
    path = tmp_path / "clip.mkv"
    times = np.arange(120)
    times[[40, 80][:repeats]] -= 1
    write_stamped(path, times.tolist())
    found = decoded(path)
    assert (found.code, found.flags) == (code, ("times_repaired",))
    assert found.times is not None
    assert len(found.times) == 120
    assert (np.diff(found.times) > 0).all()
    np.testing.assert_allclose(
        np.delete(found.times, [40, 80]) * 24, np.delete(times, [40, 80]), atol=0.02
    )


def write_stamped(path: Path, times: list[int]) -> None:
    """Write small pictures with these times in steps of 1/24 s."""
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=24)
        stream.height, stream.width, stream.pix_fmt = 16, 16, "yuvj420p"
        for index, time in enumerate(times):
            frame = av.VideoFrame.from_ndarray(np.full((16, 16, 3), index, np.uint8), "rgb24")
            frame.pts = index
            for packet in stream.encode(frame):
                packet.pts = packet.dts = time
                container.mux(packet)
        container.mux(stream.encode(None))


@pytest.mark.assets
def test_whole_files_stay_ok(assets: Path) -> None:
    footage = sorted((assets / "footage").rglob("*.mp4"), key=lambda file: file.stat().st_size)
    for path in footage[::8]:
        assert decoded(path).code == "ok", path


def test_streams_written_without_sizes_are_whole(seeds: Path, tmp_path: Path) -> None:
    """As programs write to a pipe, which they cannot go back in."""
    for name, kind in (
        ("h264.mkv", "matroska"),
        ("vp9.webm", "webm"),
        ("mpeg4.avi", "avi"),
        ("h264.flv", "flv"),
        ("h264.ts", "mpegts"),
        ("mpeg2.mpg", "vob"),
        ("theora.ogv", "ogg"),
    ):
        path = tmp_path / name
        command = ["ffmpeg", "-v", "error", "-i", str(seeds / name), "-c", "copy", "-f", kind, "-"]
        path.write_bytes(subprocess.run(command, check=True, capture_output=True).stdout)
        assert decoded(path).code == "ok", name


@pytest.mark.parametrize("name", ["h264.mp4", "h264.mkv", "mpeg4.avi", "h264.flv", "h264.ts"])
def test_cut_and_with_sound_of_another_length_a_file_is_whole(
    seeds: Path, tmp_path: Path, name: str
) -> None:
    """Copied without encoding again, from the second group of pictures on."""
    path = tmp_path / name
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=d=1.5", "-ss", "0.5"]
    command += ["-i", str(seeds / name), "-c:v", "copy", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    found = decoded(path)
    assert found.code == "ok"
    assert found.times is not None
    assert FRAMES // 2 <= len(found.times) <= FRAMES
