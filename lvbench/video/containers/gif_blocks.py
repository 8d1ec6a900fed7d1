"""Check that a GIF consists of nothing but its blocks, up to the trailer."""

from __future__ import annotations

from mmap import ACCESS_READ, mmap
from pathlib import Path

_PICTURE, _EXTENSION, _TRAILER = 0x2C, 0x21, 0x3B
_COLOURS = 0x80  # a table of colours follows


def gif_fault(path: Path) -> str:
    """Return what is wrong with a GIF's blocks, or an empty string."""
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        return _fault(data)


def _fault(data: mmap) -> str:
    at = 13 + _colours(data, 10)
    while at < len(data) and data[at] != _TRAILER:
        kind = data[at]
        if kind == _PICTURE:
            at += 11 + _colours(data, at + 9)
        elif kind == _EXTENSION:
            at += 2
        else:
            return f"what begins at byte {at} is no block of a GIF"
        while at < len(data) and data[at]:
            at += 1 + data[at]
        at += 1
    if at >= len(data):
        return "the GIF has no trailer"
    return "something follows the trailer of the GIF" if data[at + 1 :].strip(b"\0") else ""


def _colours(data: mmap, at: int) -> int:
    """Return the length of the table of colours that the flags at a place announce."""
    flags = data[at] if at < len(data) else 0
    return 3 * 2 ** ((flags & 7) + 1) if flags & _COLOURS else 0
