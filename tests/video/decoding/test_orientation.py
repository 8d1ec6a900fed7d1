"""Display matrices: the picture is shown as ffmpeg shows it by itself."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.video.decoding.decode import open_video
from lvbench.video.decoding.orientation import Orientation, orientation
from lvbench.video.frames import Products, concatenate

ONE = 1 << 16
# name: the first two rows of the matrix in the track header, and how the picture is shown
QUARTERS = {
    "plain": ((ONE, 0, 0, ONE), 0, False),
    "right": ((0, ONE, -ONE, 0), 90, False),
    "half": ((-ONE, 0, 0, -ONE), 180, False),
    "left": ((0, -ONE, ONE, 0), 270, False),
    "sides": ((-ONE, 0, 0, ONE), 0, True),
    "upside": ((ONE, 0, 0, -ONE), 180, True),
    "transposed": ((0, ONE, ONE, 0), 90, True),
    "crossed": ((0, -ONE, -ONE, 0), 270, True),
    "zero": ((0, 0, 0, 0), 0, False),
    "scaled": ((2 * ONE, 0, 0, -ONE // 2), 180, True),
    "nearly left": ((457, -65534, 65534, 457), 270, False),
}


@pytest.fixture(scope="module")
def plain(
    tmp_path_factory: pytest.TempPathFactory,
    texture: Callable[..., NDArray[np.uint8]],
    muxer: Callable[..., None],
) -> bytes:
    path = tmp_path_factory.mktemp("matrix") / "plain.mp4"
    muxer(path, texture(3, 48, 80))
    return path.read_bytes()


def with_matrix(data: bytes, a: int, b: int, c: int, d: int) -> bytes:
    """Return an mp4 whose track header holds this matrix."""
    at = data.index(b"tkhd") + 4 + 40
    changed = bytearray(data)
    for offset, value in zip((0, 4, 12, 16), (a, b, c, d), strict=True):
        changed[at + offset : at + offset + 4] = (value % 2**32).to_bytes(4, "big")
    return bytes(changed)


def by_ffmpeg(path: Path, height: int, width: int) -> NDArray[np.uint8]:
    """Return the luma that the ffmpeg program shows, `(T, H, W)` in full range."""
    command = ["ffmpeg", "-v", "error", "-i", str(path)]
    command += ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-"]
    raw = subprocess.run(command, check=True, capture_output=True).stdout
    planes = np.frombuffer(raw, np.uint8).reshape(-1, height * width * 3 // 2)
    return planes[:, : height * width].reshape(-1, height, width)


@pytest.mark.parametrize("name", QUARTERS)
def test_all_eight_are_shown_as_ffmpeg_shows_them(plain: bytes, tmp_path: Path, name: str) -> None:
    matrix, rotation, mirrored = QUARTERS[name]
    path = tmp_path / "clip.mp4"
    path.write_bytes(with_matrix(plain, *matrix))
    products = Products(luma=True, small=40, rgb=True, planes=True)
    with open_video(path, products) as reader:
        frames, info = concatenate(list(reader)), reader.info
        assert reader.outcome.status == "ok"
    assert (info.rotation, info.mirrored) == (rotation, mirrored)
    size = (80, 48) if rotation in (90, 270) else (48, 80)
    assert (info.height, info.width) == size
    assert frames.planes is not None
    np.testing.assert_array_equal(frames.planes.y, by_ffmpeg(path, *size))
    assert frames.luma is not None
    assert frames.rgb is not None
    assert frames.small is not None
    grey = frames.rgb.astype(float) @ [0.299, 0.587, 0.114]
    assert np.abs(grey - frames.luma).mean() < 3
    reduced = frames.luma.reshape(3, size[0] // 2, 2, size[1] // 2, 2).mean(axis=(2, 4))
    small = frames.small.astype(float) @ [0.299, 0.587, 0.114]
    assert np.corrcoef(small.ravel(), reduced.ravel())[0, 1] > 0.95


def test_an_odd_angle_keeps_the_size_and_fills_the_corners(plain: bytes, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    c, s = round(ONE * np.cos(np.pi / 6)), round(ONE * np.sin(np.pi / 6))
    path.write_bytes(with_matrix(plain, c, s, -s, c))
    with open_video(path, Products(planes=True)) as reader:
        frames = concatenate(list(reader))
    assert frames.planes is not None
    np.testing.assert_array_equal(frames.planes.y, by_ffmpeg(path, 48, 80))
    assert (frames.planes.y[:, 0, 0] == 16).all()


def test_a_frame_without_a_matrix_is_not_turned() -> None:
    from av import VideoFrame

    assert orientation(VideoFrame(16, 16, "yuv420p")) == Orientation()
