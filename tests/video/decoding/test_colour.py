"""Luma and RGB from every pixel format, range and matrix."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from lvbench.video.decoding import colour
from lvbench.video.decoding.colour import coded_planes, planes_of_rgb
from lvbench.video.decoding.decode import open_video, probe
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


def _frame(pixel_format: str) -> av.VideoFrame:
    rgb = np.random.default_rng(0).integers(0, 256, (6, 10, 3), np.uint8)
    return av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format=pixel_format)


@pytest.mark.parametrize(
    ("stored", "planar"),
    [
        ("nv12", "yuv420p"),
        ("p010le", "yuv420p10le"),
        ("yuyv422", "yuv422p"),
        ("yuv422p10be", "yuv422p10le"),
        ("yuvj420p", "yuvj420p"),
        ("yuv444p12le", "yuv444p12le"),
    ],
)
def test_samples_are_those_of_the_planar_format(stored: str, planar: str) -> None:
    frame = _frame(stored)
    planes = coded_planes(frame, VideoReformatter())
    wanted = frame.reformat(format=planar)
    kind = np.uint8 if planes.bits == 8 else np.uint16
    assert planes.bits == wanted.format.components[0].bits
    for ours, theirs in zip(planes.arrays, wanted.planes, strict=True):
        rows = np.frombuffer(bytes(theirs), kind).reshape(theirs.height, -1)
        assert ours.dtype == kind
        assert np.array_equal(ours, rows[:, : theirs.width])


def test_grey_has_no_chroma_and_rgb_becomes_full_range() -> None:
    planes = coded_planes(_frame("gray10le"), VideoReformatter())
    assert planes.u is None
    assert planes.bits == 10
    white = planes_of_rgb(np.full((2, 2, 3), 255, np.uint8))
    assert [int(plane[0, 0]) for plane in white.arrays] == [255, 128, 128]
    assert coded_planes(_frame("gbrp"), VideoReformatter()).y.shape == (6, 10)


def test_planes_travel_with_their_frames(awkward: Path) -> None:
    with open_video(awkward / "rotated.mp4", Products(planes=True, luma=True)) as reader:
        parts = list(reader)
        height, width = reader.info.height, reader.info.width
    whole = concatenate(parts)
    assert whole.planes is not None
    assert whole.planes.y.shape == (len(whole), height, width)
    assert whole.planes.u is not None
    assert whole.planes.u.shape == (len(whole), height // 2, width // 2)
    assert whole.only(Products(luma=True)).planes is None
    paired = Frames(whole.pts, planes=whole.planes, reference=whole)
    assert paired.only(Products(planes=True)).reference is None
    taken = paired.only(Products(planes=True, reference=True)).take(slice(1, 3))
    assert taken.reference is not None
    assert taken.reference.luma is None
    assert taken.reference.planes is not None
    assert np.array_equal(taken.reference.planes.y, whole.planes.y[1:3])
