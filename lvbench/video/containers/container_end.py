"""Detect a file that is shorter than its container declares.

No decoder reports this for every container: a Matroska file cut in half decodes without an error.
Only sizes in headers are read, so the cost does not depend on the length of the video.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

_EBML_SEGMENT = 0x18538067
_GIF_TRAILER = b"\x3b"


def missing_end(path: Path) -> str | None:
    """Return how the file falls short of its container's own sizes, or None if it does not.

    Known are ISO media (mp4, mov, fragmented too), Matroska and WebM, AVI, MPEG-TS and GIF;
    for others, and for streams written without sizes, None is returned.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(12)
        file.seek(0)
        if head[:4] == b"\x1aE\xdf\xa3":
            declared = _matroska_end(file)
        elif head[:4] == b"RIFF":
            declared = _riff_end(file, size)
        elif head[:4] == b"GIF8":
            return None if _gif_is_closed(file, size) else "the GIF has no trailer"
        elif head[:1] == b"G":
            return _broken_transport_packet(file, size)
        elif head[4:8] in (b"ftyp", b"moov", b"mdat", b"free", b"wide", b"skip", b"styp"):
            declared = _iso_end(file, size)
        else:
            return None
    if declared is None or declared <= size:
        return None
    return f"{size} bytes of the {declared} that its container declares"


def _iso_end(file: BinaryIO, size: int) -> int:
    """Walk the top-level boxes and return where the last one ends."""
    at = 0
    while at < size:
        file.seek(at)
        head = file.read(16)
        if len(head) < 8:
            return at + 8
        length = int.from_bytes(head[:4], "big")
        if length == 1:
            length = int.from_bytes(head[8:16], "big")
        elif length == 0:  # "to the end of the file"
            return size
        if length < 8:
            return at
        at += length
    return at


def _riff_end(file: BinaryIO, size: int) -> int:
    at = 0
    while at < size:
        file.seek(at)
        head = file.read(8)
        if len(head) < 8 or head[:4] != b"RIFF":
            return at
        length = int.from_bytes(head[4:8], "little")
        if length in (0, 0xFFFFFFFF):  # written as a stream, without sizes
            return size
        at += 8 + length + length % 2
    # The pad byte after an odd chunk is often left out at the end of a file.
    return at - 1


def _matroska_end(file: BinaryIO) -> int | None:
    """Return where the segment ends, or None where it was written without a size."""
    at = 0
    for _ in range(8):
        file.seek(at)
        head = file.read(12)
        if len(head) < 12:
            return None
        id_length = _vint_length(head[0])
        identity = int.from_bytes(head[:id_length], "big")
        size_length = _vint_length(head[id_length])
        raw = int.from_bytes(head[id_length : id_length + size_length], "big")
        value = raw & ((1 << (7 * size_length)) - 1)
        unknown = value == (1 << (7 * size_length)) - 1
        if unknown:
            return None
        at += id_length + size_length + value
        if identity == _EBML_SEGMENT:
            return at
    return None


def _vint_length(first: int) -> int:
    """Return the length in bytes of an EBML number from its first byte."""
    return 9 - first.bit_length() if first else 9


def _gif_is_closed(file: BinaryIO, size: int) -> bool:
    file.seek(max(0, size - 64))
    return file.read().rstrip(b"\x00").endswith(_GIF_TRAILER)


def _broken_transport_packet(file: BinaryIO, size: int) -> str | None:
    file.seek(0)
    head = file.read(2 * 188 + 1)
    whole = len(head) > 376 and head[188:189] == b"G" and head[376:377] == b"G"
    if whole and size % 188:
        return f"the last transport packet holds {size % 188} of 188 bytes"
    return None
