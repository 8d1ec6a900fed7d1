"""Animated WebP, PNG and GIF files are videos, with the times that they state."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from lvbench.errors import VideoDecodeError
from lvbench.video.decoding.decode import open_video, probe
from lvbench.video.decoding.images import is_animated
from lvbench.video.frames import Frames, Products, concatenate
from lvbench.video.info import VideoInfo
from lvbench.video.outcome import DecodeOutcome

DURATIONS = [40, 80, 120, 60, 50, 2000]
TIMES = [0.0, 0.04, 0.12, 0.24, 0.30, 0.35]
ALL = Products(luma=True, small=32, rgb=True, planes=True)


def pictures(count: int = 6, seed: int = 0) -> NDArray[np.uint8]:
    """Return pictures of 64 colours at most, which a GIF holds without loss."""
    levels = np.array([0, 85, 170, 255], np.uint8)
    return levels[np.random.default_rng(seed).integers(0, 4, (count, 40, 56, 3))]


def write(path: Path, frames: NDArray[np.uint8], durations: Any = None, **options: Any) -> Path:
    first, *rest = [Image.fromarray(frame) for frame in frames]
    if path.suffix == ".webp":
        options["lossless"] = True
    first.save(path, save_all=True, append_images=rest, duration=durations or DURATIONS, **options)
    return path


def read(path: Path) -> tuple[Frames, VideoInfo, DecodeOutcome]:
    with open_video(path, ALL) as reader:
        frames = concatenate(list(reader))
        return frames, reader.info, reader.outcome


@pytest.mark.parametrize("suffix", [".webp", ".png", ".apng", ".gif"])
def test_every_frame_comes_at_its_time_and_the_last_one_lasts(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"clip{suffix}"
    options = {"format": "PNG"} if suffix == ".apng" else {}
    frames, info, outcome = read(write(path, pictures(), **options))
    np.testing.assert_array_equal(frames.rgb, pictures())
    np.testing.assert_allclose(frames.pts, TIMES, atol=1e-9)
    assert (outcome.status, outcome.frames) == ("ok", 6)
    assert outcome.duration == pytest.approx(2.35)
    assert (info.width, info.height, info.has_audio) == (56, 40, False)
    assert frames.small is not None
    assert frames.small.shape == (6, 22, 32, 3)


@pytest.mark.parametrize("suffix", [".png", ".gif"])
@pytest.mark.parametrize("disposal", [0, 1, 2])
def test_frames_that_cover_a_part_are_composed_as_a_second_library_does(
    tmp_path: Path, suffix: str, disposal: int
) -> None:
    """The one that does not read this kind of file here: FFmpeg for PNG, Pillow for GIF."""
    import av

    frames = np.repeat(pictures(1), 5, axis=0)
    for index in range(1, 5):
        frames[index, 5 * index : 5 * index + 4, 10:20] = 255
    path = write(tmp_path / f"clip{suffix}", frames, 50, disposal=disposal)
    if suffix == ".png":
        with av.open(str(path)) as container:
            expected = [f.to_ndarray(format="rgb24") for f in container.decode(video=0)]
    else:
        with Image.open(path) as image:
            expected = []
            for index in range(5):
                image.seek(index)
                expected.append(np.asarray(image.convert("RGB")))
    np.testing.assert_array_equal(read(path)[0].rgb, np.stack(expected))


def test_a_frame_that_asks_for_no_time_gets_what_browsers_give(tmp_path: Path) -> None:
    path = write(tmp_path / "clip.webp", pictures(3), [0, 10, 11])
    frames, _, outcome = read(path)
    np.testing.assert_allclose(frames.pts, [0.0, 0.1, 0.2])
    assert outcome.duration == pytest.approx(0.211)


@pytest.mark.parametrize("name", ["still.webp", "still.png", "still.jpg", "single.webp"])
def test_a_still_picture_is_no_video(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "single.webp":
        write(path, pictures(1), 100)
    else:
        Image.fromarray(pictures(1)[0]).save(path)
    assert not is_animated(path)
    with pytest.raises(VideoDecodeError, match="a still picture") as caught:
        probe(path)
    assert caught.value.code == "not_a_video"


def test_transparency_is_dropped_and_said(tmp_path: Path) -> None:
    rgba = np.dstack([pictures(1)[0], np.full((40, 56), 255, np.uint8)])
    clear = rgba.copy()
    clear[:20, :, 3] = 0
    solid = write(tmp_path / "solid.webp", np.stack([rgba, rgba[::-1]]), 50)
    seen = write(tmp_path / "seen.png", np.stack([clear, clear[::-1]]), 50)
    assert probe(solid).flags == ()
    assert probe(seen).flags == ("alpha_dropped",)


@pytest.mark.parametrize("suffix", [".webp", ".png", ".gif"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.97])
def test_a_file_cut_short_is_damaged(tmp_path: Path, suffix: str, share: float) -> None:
    path = write(tmp_path / f"clip{suffix}", pictures())
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    if suffix == ".webp":
        with pytest.raises(VideoDecodeError, match="bytes of the") as caught:
            read(path)
        assert caught.value.code == "unreadable"
    else:
        assert read(path)[2].code in ("file_cut", "index_broken")


def test_a_wrong_checksum_of_a_png_is_damage(tmp_path: Path) -> None:
    path = write(tmp_path / "clip.png", pictures())
    data = bytearray(path.read_bytes())
    data[data.index(b"fdAT") + 40] ^= 1
    path.write_bytes(data)
    assert read(path)[2].code in ("index_broken", "decode_errors")


def test_a_png_of_a_huge_size_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    path = write(tmp_path / "clip.png", pictures())
    data = bytearray(path.read_bytes())
    data[16:24] = (30000).to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    path.write_bytes(data)
    with pytest.raises(VideoDecodeError) as caught:
        probe(path)
    assert caught.value.code == "too_large"


@pytest.mark.assets
def test_the_animated_pictures_that_user_interfaces_write(assets: Path) -> None:
    files = assets / "cases" / "files"
    for path in (files / "webp_one" / "clip.webp", *sorted((files / "webps").iterdir())):
        frames, _, outcome = read(path)
        assert outcome.status == "ok"
        np.testing.assert_allclose(np.diff(frames.pts), 0.062)
        assert outcome.duration == pytest.approx(0.062 * len(frames))
