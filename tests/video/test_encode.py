"""Encoding: the same bytes each time, exact where promised, all or nothing."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.errors import StorageError, UsageError
from lvbench.video import encode
from lvbench.video.decoding.decode import open_video
from lvbench.video.encode import write_video
from lvbench.video.frames import Products, concatenate

Texture = Callable[..., NDArray[np.uint8]]


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("a.mp4", {}),
        ("b.mp4", {"lossless": True}),
        ("c.mkv", {"codec": "ffv1"}),
        ("d.webm", {"codec": "libvpx-vp9"}),
    ],
)
def test_same_frames_same_bytes_however_chunked(
    tmp_path: Path, texture: Texture, name: str, settings: dict[str, object]
) -> None:
    clip = texture(40)
    written = []
    for parts in ([clip], [clip[:7], clip[7:]], [clip], list(clip[:, None])):
        assert write_video(tmp_path / name, parts, 24, **settings) == 40  # type: ignore[arg-type]
        written.append((tmp_path / name).read_bytes())
    assert len(set(written)) == 1


@pytest.mark.parametrize(("name", "codec"), [("a.mp4", "libx264"), ("b.mkv", "ffv1")])
def test_lossless_keeps_every_value(
    tmp_path: Path, texture: Texture, name: str, codec: str
) -> None:
    clip = texture(20, 63, 95)
    write_video(tmp_path / name, [clip], 24, codec=codec, lossless=True)
    with open_video(tmp_path / name, Products(rgb=True)) as reader:
        np.testing.assert_array_equal(concatenate(list(reader)).rgb, clip)


@pytest.mark.parametrize("rate", [24, 23.976, 29.97, 12.5, Fraction(30000, 1001)])
def test_rate_is_kept(tmp_path: Path, texture: Texture, rate: float) -> None:
    write_video(tmp_path / "a.mp4", [texture(30)], rate)
    with open_video(tmp_path / "a.mp4", Products()) as reader:
        times = concatenate(list(reader)).pts
    np.testing.assert_allclose(times, np.arange(30) / float(rate), rtol=1e-4)


def failing(clip: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
    yield clip
    raise KeyError("the generator broke")


def test_a_failure_leaves_no_file_and_the_old_one_untouched(
    tmp_path: Path, texture: Texture
) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"old")
    with pytest.raises(KeyError):
        write_video(path, failing(texture(5)), 24)
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.mp4"]


@pytest.mark.parametrize(
    ("name", "fps", "settings"),
    [
        ("a.zzz", 24, {}),
        ("a.mp4", 0, {}),
        ("a.mp4", float("nan"), {}),
        ("a.mp4", 24, {"codec": "nope"}),
        ("a.mp4", 24, {"pixel_format": "nope"}),
        ("a.webm", 24, {"codec": "mpeg4"}),
    ],
)
def test_what_ffmpeg_cannot_do_is_a_usage_error(
    tmp_path: Path, texture: Texture, name: str, fps: float, settings: dict[str, str]
) -> None:
    with pytest.raises(UsageError):
        write_video(tmp_path / name, [texture(2)], fps, **settings)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_frames_must_exist_and_agree(tmp_path: Path, texture: Texture) -> None:
    with pytest.raises(UsageError, match="no frames"):
        write_video(tmp_path / "a.mp4", [], 24)
    with pytest.raises(UsageError, match="one size"):
        write_video(tmp_path / "a.mp4", [texture(2), texture(2, 32, 32)], 24)


def test_storage_failures(
    tmp_path: Path, texture: Texture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(StorageError):
        write_video(tmp_path / "no" / "folder" / "a.mp4", [texture(2)], 24)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(encode.os, "fsync", full)
    with pytest.raises(StorageError, match="No space left"):
        write_video(tmp_path / "a.mp4", [texture(2)], 24)
    assert list(tmp_path.iterdir()) == []


def test_an_encoder_does_not_change_the_scheduling_policy(tmp_path: Path, texture: Texture) -> None:
    policy = getattr(os, "sched_getscheduler", lambda _: 0)
    before = policy(0)
    write_video(tmp_path / "clip.mp4", [texture()], 12, codec="libsvtav1")
    assert policy(0) == before
