"""Turn a decoded frame into the luma plane and the RGB pictures that metrics read.

Luma is the stored Y plane, never a detour over RGB: reduced to 8 bits by rounding, then expanded
from limited to full range with a table. Sources without a Y plane (GIF, PNG, RGB codecs) are
converted to RGB and weighted by BT.601, as every YUV file without a tag is.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from lvbench.video.frames import Planes
from lvbench.video.info import ColourRange

if TYPE_CHECKING:
    from av import VideoFrame
    from av.video.reformatter import Interpolation, VideoReformatter

# Formats whose first plane is Y alone.
_PLANAR_LUMA = re.compile(r"(gray(?!f)|yuvj?4|yuva4|nv(12|16|20|21|24|42)|p[0-4]1[026])")
_PACKED_YUV = ("yuyv422", "uyvy422", "yvyu422")
_HIGH_BITS = re.compile(r"p[0-4]1[02]")  # P010 and similar formats keep their bits at the top of 16
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
_MPEG, _JPEG = 1, 2
_BILINEAR, _FULL_CHROMA, _ACCURATE_ROUNDING, _BIT_EXACT = 0x2, 0x2000, 0x40000, 0x80000
_MATRICES = {
    0: "rgb",
    1: "bt709",
    4: "fcc",
    5: "bt601",
    6: "bt601",
    7: "smpte240m",
    8: "ycgco",
    9: "bt2020",
    10: "bt2020",
}
_TRANSFERS = {
    1: "bt709",
    6: "bt601",
    8: "linear",
    13: "srgb",
    14: "bt709",  # BT.2020's own curve is BT.709's with more digits
    15: "bt709",
    16: "pq",
    18: "hlg",
}


def colour_space(frame: VideoFrame) -> tuple[str, bool]:
    """Return the matrix's name and whether the stream was tagged with it."""
    if not has_luma(frame.format.name):
        return "rgb", True
    name = _MATRICES.get(int(frame.colorspace))
    return ("bt601", False) if name is None else (name, True)


def colour_range(frame: VideoFrame) -> ColourRange:
    """Return the range of the stored samples; untagged YUV is limited, untagged gray full."""
    if not has_luma(frame.format.name) or frame.format.name.startswith("yuvj"):
        return "full"
    if int(frame.color_range) in (_MPEG, _JPEG):
        return "limited" if int(frame.color_range) == _MPEG else "full"
    return "full" if frame.format.name.startswith("gray") else "limited"


def transfer(frame: VideoFrame) -> str | None:
    """Return the name of the transfer function, or None where the stream names none."""
    return _TRANSFERS.get(int(frame.color_trc))


def luma(frame: VideoFrame, reformatter: VideoReformatter) -> NDArray[np.uint8]:
    """Return the frame's luma in full range, `uint8 (H, W)`."""
    name = frame.format.name
    if name in _PACKED_YUV:
        frame = reformatter.reformat(frame, format="yuv422p", threads=1)
    elif not has_luma(name) or frame.planes[0].line_size < 0:
        return luma_of_rgb(rgb(frame, reformatter))
    stored = _luma_plane(frame)
    if colour_range(frame) == "full":
        return stored
    return np.asarray(cv2.LUT(stored, _limited_to_full()), dtype=np.uint8)


def rgb(frame: VideoFrame, reformatter: VideoReformatter) -> NDArray[np.uint8]:
    """Return the frame as `uint8 (H, W, 3)` RGB, bit for bit what OpenCV gives for 8-bit h264."""
    return _packed_rgb(reformatter.reformat(frame, format="rgb24", threads=1))


def small_rgb(
    frame: VideoFrame, reformatter: VideoReformatter, width: int, height: int
) -> NDArray[np.uint8]:
    """Return the frame scaled to `uint8 (height, width, 3)` RGB, straight from its own format."""
    # Without full chroma swscale rounds down, which darkens the picture by 1 to 2 levels of 255.
    return _packed_rgb(
        reformatter.reformat(
            frame,
            width=width,
            height=height,
            format="rgb24",
            interpolation=exact_bilinear(full_chroma=True),
            threads=1,
        )
    )


def exact_bilinear(*, full_chroma: bool = False) -> Interpolation:
    """Return swscale's flags for bilinear scaling that gives the same bits on every processor."""
    from av.video.reformatter import Interpolation

    value = _BILINEAR | _ACCURATE_ROUNDING | _BIT_EXACT | (_FULL_CHROMA if full_chroma else 0)
    try:
        return Interpolation(value)
    except ValueError:  # PyAV 17 has no names for these flags, but passes their number on.
        flags = int.__new__(Interpolation, value)
        flags._value_ = value
        return flags


def small_size(width: int, height: int, longest: int) -> tuple[int, int]:
    """Return the size of the small picture for a frame of `width` x `height`.

    The longest side becomes `longest`, the other the nearest even number (halves up, at least
    2). A frame that is no larger than that keeps its size, odd or not: nothing is scaled up.
    """
    if max(width, height) <= longest:
        return width, height

    def scaled(side: int) -> int:
        if side == max(width, height):
            return longest
        nearest_even = 2 * int(side * longest / max(width, height) / 2 + 0.5)
        return min(max(2, nearest_even), longest, max(2, side))

    return scaled(width), scaled(height)


def luma_of_rgb(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the BT.601 luma of an RGB picture, `uint8 (H, W)`."""
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def has_luma(pixel_format: str) -> bool:
    """Return whether frames of that format have a Y plane (packed ones included)."""
    return pixel_format in _PACKED_YUV or _PLANAR_LUMA.match(pixel_format) is not None


def _luma_plane(frame: VideoFrame) -> NDArray[np.uint8]:
    plane = frame.planes[0]
    bits = frame.format.components[0].bits
    if bits <= 8:
        samples: NDArray[Any] = rows(plane, frame.width, np.dtype(np.uint8))
        return samples
    order = ">" if frame.format.name.endswith("be") else "<"
    samples = rows(plane, frame.width, np.dtype(f"{order}u2"))
    shift = 8 if _HIGH_BITS.match(frame.format.name) else bits - 8
    rounded = (samples.astype(np.uint32) + (1 << (shift - 1))) >> shift
    reduced: NDArray[np.uint8] = np.minimum(rounded, 255).astype(np.uint8)
    return reduced


def _packed_rgb(frame: VideoFrame) -> NDArray[np.uint8]:
    packed: NDArray[np.uint8] = rows(frame.planes[0], frame.width * 3, np.dtype(np.uint8))
    picture: NDArray[np.uint8] = packed.reshape(frame.height, frame.width, 3)
    return picture


def rows(plane: Any, samples: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return the plane without the padding at the end of its rows; a view on its memory."""
    padded: NDArray[Any] = np.frombuffer(plane, dtype=dtype).reshape(plane.height, -1)
    return padded[:, :samples]


@lru_cache(maxsize=1)
def _limited_to_full() -> NDArray[np.uint8]:
    levels = (np.arange(256) - 16) * (255 / 219)
    table: NDArray[np.uint8] = np.clip(np.floor(levels + 0.5), 0, 255).astype(np.uint8)
    return table


def coded_planes(frame: VideoFrame, reformatter: VideoReformatter) -> Planes:
    """Return the frame's planes, `(H, W)` each; views where the format is planar."""
    name = frame.format.name
    if not has_luma(name):
        return planes_of_rgb(rgb(frame, reformatter))
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
        return rows(plane, plane.width, np.dtype(np.uint8))
    order = ">" if frame.format.name.endswith("be") else "<"
    samples = rows(plane, plane.width, np.dtype(f"{order}u2"))
    return samples if samples.dtype.isnative else samples.astype(np.uint16)
