"""The format of a file of raw planar YUV, which has no header."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lvbench.errors import UsageError

DEFAULT_RATE = 25.0  # Hz

_WORDS = re.compile(
    r"(?P<format>(?P<kind>yuv420|yuv422|yuv444|gray)p?(?P<bits>9|10|12|14|16)?(?P<order>[lb]e)?)"
    r":(?P<width>\d+)x(?P<height>\d+)(@(?P<rate>\d+(\.\d+)?))?"
)
_CHROMA = {"yuv420": (2, 2), "yuv422": (2, 1), "yuv444": (1, 1)}


@dataclass(frozen=True, slots=True)
class RawFormat:
    """Describe a file of raw frames, plane after plane.

    Attributes:
        pixel_format: FFmpeg's name: yuv420p, yuv422p10le, gray, ...
        width: Pixels per row.
        height: Rows.
        rate: Frames per second.
    """

    pixel_format: str
    width: int
    height: int
    rate: float = DEFAULT_RATE

    @property
    def frame_bytes(self) -> int:
        """Return the bytes of one frame."""
        kind = _matched(f"{self.pixel_format}:{self.width}x{self.height}")
        samples = self.width * self.height
        if kind["kind"] in _CHROMA:
            across, down = _CHROMA[kind["kind"]]
            samples += 2 * -(-self.width // across) * -(-self.height // down)
        return samples * (2 if kind["bits"] else 1)


def parse_raw(text: str) -> RawFormat:
    """Return the format that `yuv420p10le:576x324` or `yuv420p:160x90@24` describes.

    Raises:
        UsageError: It is not of that form (`raw_format`).
    """
    kind = _matched(text)
    raw = RawFormat(
        kind["format"], int(kind["width"]), int(kind["height"]), float(kind["rate"] or DEFAULT_RATE)
    )
    if not (raw.width and raw.height and raw.rate):
        raise _refused(text)
    return raw


def _matched(text: str) -> dict[str, str]:
    match = _WORDS.fullmatch(text)
    gray = match is not None and match["kind"] == "gray"
    # Planar names end in p but for grey; more than 8 bits need a byte order.
    if match is None or gray == match["format"].removeprefix(match["kind"]).startswith("p"):
        raise _refused(text)
    if bool(match["bits"]) != bool(match["order"]):
        raise _refused(text)
    return match.groupdict()


def _refused(text: str) -> UsageError:
    return UsageError(
        "read raw video",
        found=f"'{text}' is no description of raw video",
        where="the description of the raw video",
        fix="give PIXELFORMAT:WIDTHxHEIGHT[@RATE], such as yuv420p10le:576x324@24 "
        "(yuv420p, yuv422p, yuv444p or gray, with 9, 10, 12, 14 or 16 bits as p10le)",
        code="raw_format",
    )
