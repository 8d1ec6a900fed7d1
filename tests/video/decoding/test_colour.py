"""Luma and RGB from every pixel format, range and matrix."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.video.decoding import colour
from lvbench.video.decoding.decode import open_video
from lvbench.video.decoding.probe import probe
from lvbench.video.encode import write_video
from lvbench.video.frames import Frames, Products, concatenate

BT601, BT709 = (5, "bt601"), (1, "bt709")
LIMITED, FULL = 1, 2


def read(path: Path) -> Frames:
    with open_video(path, Products(luma=True, rgb=True, small=48)) as reader:
        return concatenate(list(reader))


def weights(rgb: NDArray[np.uint8], red: float, blue: float) -> NDArray[np.float64]:
    mixed = rgb.astype(np.float64) @ np.array([red, 1 - red - blue, blue])
    return np.asarray(mixed)


@pytest.mark.parametrize(
    ("name", "pixel_format"),
    [
        ("a.mp4", "yuv420p"),
        ("b.mp4", "yuv422p"),
        ("c.mp4", "yuv444p"),
        ("d.mp4", "yuvj420p"),
        ("e.mp4", "yuv420p10le"),
        ("f.mp4", "nv12"),
        ("g.mkv", "gray"),
        ("h.mkv", "yuv420p16le"),
        ("i.mkv", "yuv422p12le"),
        ("j.mkv", "gray10le"),
        ("k.mkv", "bgr0"),
        ("l.mp4", "gbrp"),
    ],
)
def test_luma_is_the_picture_s_brightness_in_every_format(
    tmp_path: Path, texture: Callable[..., NDArray[np.uint8]], name: str, pixel_format: str
) -> None:
    clip = texture(4)
    gray = np.repeat(clip[..., :1], 3, axis=-1)  # no chroma, so nothing is lost by subsampling
    codec = (
        "ffv1" if name.endswith("mkv") else "libx264rgb" if pixel_format == "gbrp" else "libx264"
    )
    stored = "rgb24" if pixel_format == "gbrp" else pixel_format
    write_video(
        tmp_path / name, [gray], 24, codec=codec, pixel_format=stored, lossless=codec != "ffv1"
    )
    frames = read(tmp_path / name)
    assert frames.luma is not None
    assert frames.luma.shape == gray.shape[:3]
    difference = frames.luma.astype(int) - gray[..., 0]
    assert np.abs(difference).max() <= 2


def test_full_and_limited_range_agree(
    tmp_path: Path,
    texture: Callable[..., NDArray[np.uint8]],
    muxer: Callable[..., None],
) -> None:
    clip = texture(4)
    for name, tag in (("limited", LIMITED), ("full", FULL)):
        muxer(tmp_path / f"{name}.mp4", clip, tags=(BT601[0], tag), crf=0, pixel_format="yuv444p")
        assert probe(tmp_path / f"{name}.mp4").colour_range == name
    limited, full = read(tmp_path / "limited.mp4"), read(tmp_path / "full.mp4")
    for key in ("luma", "rgb", "small"):
        apart = getattr(limited, key).astype(int) - getattr(full, key)
        assert np.abs(apart).mean() < 1.5, key
        assert abs(apart.mean()) < 0.6, key


@pytest.mark.parametrize("matrix", [BT601, BT709])
def test_the_tagged_matrix_is_used(
    tmp_path: Path,
    texture: Callable[..., NDArray[np.uint8]],
    muxer: Callable[..., None],
    matrix: tuple[int, str],
) -> None:
    clip = texture(4)
    settings = {"crf": 0, "pixel_format": "yuv444p"}
    muxer(tmp_path / "tagged.mp4", clip, tags=(matrix[0], LIMITED), **settings)
    info, frames = probe(tmp_path / "tagged.mp4"), read(tmp_path / "tagged.mp4")
    assert (info.colour_space, info.colour_tagged) == (matrix[1], True)
    assert frames.rgb is not None
    assert frames.luma is not None
    red, blue = (0.299, 0.114) if matrix is BT601 else (0.2126, 0.0722)
    assert abs(frames.luma.mean() - weights(clip, red, blue).mean()) < 1
    # Rounding there and back costs about a level; the other matrix would cost about seven.
    assert np.abs(frames.rgb.astype(int) - clip).mean() < 2


def test_untagged_is_read_as_bt601(awkward: Path) -> None:
    info = probe(awkward / "h264.mp4")
    assert (info.colour_space, info.colour_tagged, info.colour_range) == ("bt601", False, "limited")


def test_small_keeps_a_smooth_picture(tmp_path: Path) -> None:
    y, x = np.mgrid[:64, :96]
    waves = (np.sin(x / 15), np.cos(y / 12), np.sin((x + y) / 20))
    clip = np.stack([128 + 90 * wave for wave in waves], axis=-1).astype(np.uint8)[None]
    write_video(tmp_path / "a.mp4", [clip], 24, crf=4)
    frames = read(tmp_path / "a.mp4")
    assert frames.small is not None
    apart = frames.small - clip.reshape(1, 32, 2, 48, 2, 3).mean((2, 4))
    assert np.abs(apart).mean() < 2
    assert np.abs(apart.mean((0, 1, 2))).max() < 0.5
    # A picture moved by half a pixel would lean to one side of its gradients.
    slope = np.gradient(128 + 90 * np.cos(y / 12), axis=0).reshape(32, 2, 48, 2).mean((1, 3))
    assert abs((apart[0, ..., 1] * slope).sum() / (slope**2).sum()) < 0.05


def test_odd_sizes_keep_every_row_and_column(awkward: Path) -> None:
    frames = read(awkward / "odd.mp4")
    assert frames.luma is not None
    assert frames.rgb is not None
    assert frames.luma.shape[1:] == (63, 95)
    assert frames.rgb.shape[1:] == (63, 95, 3)
    assert np.abs(weights(frames.rgb, 0.299, 0.114) - frames.luma).mean() < 3


@pytest.mark.parametrize(
    ("size", "longest", "expected"),
    [
        ((1280, 720), 256, (256, 144)),
        ((720, 1280), 256, (144, 256)),
        ((854, 480), 256, (256, 144)),
        ((576, 316), 256, (256, 140)),
        ((320, 240), 512, (320, 240)),
        ((95, 63), 100, (95, 63)),
        ((4000, 10), 256, (256, 2)),
        ((301, 301), 255, (255, 255)),
    ],
)
def test_small_size(size: tuple[int, int], longest: int, expected: tuple[int, int]) -> None:
    assert colour.small_size(*size, longest) == expected
