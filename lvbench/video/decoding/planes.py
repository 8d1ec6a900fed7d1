"""The planes of a frame as they were coded: what PSNR, SSIM and VMAF are defined on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from lvbench.video.decoding import colour
from lvbench.video.frames import Planes

if TYPE_CHECKING:
    from av import VideoFrame
    from av.video.reformatter import VideoReformatter

_PLANAR = re.compile(r"(gray|yuva?j?4\d\dp)(9|10|12|14|16)?(le|be)?")
# Formats that interleave planes, to the planar ones that hold the same samples.
_SEPARATED = {
    "nv12": "yuv420p",
    "nv21": "yuv420p",
    "nv16": "yuv422p",
    "nv20": "yuv422p10le",
    "nv24": "yuv444p",
    "nv42": "yuv444p",
    "yuyv422": "yuv422p",
    "uyvy422": "yuv422p",
    "yvyu422": "yuv422p",
}
_SEMI_PLANAR = re.compile(r"p(?P<kind>[024])(?P<bits>10|12|16)(le|be)")
_KINDS = {"0": "420", "2": "422", "4": "444"}


def coded_planes(frame: VideoFrame, reformatter: VideoReformatter) -> Planes:
    """Return the frame's planes, `(H, W)` each; views where the format is planar."""
    name = frame.format.name
    if not colour.has_luma(name):
        return planes_of_rgb(colour.rgb(frame, reformatter))
    planar = _planar_name(name)
    if planar != name or any(plane.line_size < 0 for plane in frame.planes):
        frame = reformatter.reformat(frame, format=planar, threads=1)
    planes = [_samples(frame, i) for i in range(min(3, len(frame.planes)))]
    u, v = planes[1:3] if len(planes) >= 3 else (None, None)
    return Planes(planes[0], u, v, frame.format.components[0].bits)


def planes_of_rgb(rgb: NDArray[np.uint8]) -> Planes:
    """Return the full-range BT.601 planes of an RGB picture, `(H, W)` each, 8 bits at 4:4:4."""
    y, v, u = cv2.split(cv2.cvtColor(rgb, cv2.COLOR_RGB2YCrCb))
    return Planes(np.asarray(y), np.asarray(u), np.asarray(v), 8)


def _planar_name(name: str) -> str:
    if _PLANAR.fullmatch(name):
        return name
    if name in _SEPARATED:
        return _SEPARATED[name]
    semi = _SEMI_PLANAR.fullmatch(name)
    return f"yuv{_KINDS[semi['kind']]}p{semi['bits']}le" if semi else "yuv420p"


def _samples(frame: VideoFrame, index: int) -> NDArray[Any]:
    plane, bits = frame.planes[index], frame.format.components[0].bits
    if bits <= 8:
        return colour.rows(plane, plane.width, np.dtype(np.uint8))
    order = ">" if frame.format.name.endswith("be") else "<"
    samples = colour.rows(plane, plane.width, np.dtype(f"{order}u2"))
    return samples if samples.dtype.isnative else samples.astype(np.uint16)
