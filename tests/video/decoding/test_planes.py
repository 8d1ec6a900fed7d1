from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from av.video.reformatter import VideoReformatter

from lvbench.video.decoding.decode import open_video
from lvbench.video.decoding.planes import coded_planes, planes_of_rgb
from lvbench.video.frames import Frames, Products, concatenate


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
