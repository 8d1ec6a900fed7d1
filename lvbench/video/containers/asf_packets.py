"""Check the packets of an ASF file (wmv): their number and the pictures in them.

FFmpeg skips a packet that it cannot read, and its pictures, without an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_HEADER = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_DATA = bytes.fromhex("3626b2758e66cf11a6d900aa0062ce6c")
_OBJECT, _DATA_HEAD = 24, 50  # bytes
_MOST_HEADER, _MOST_PACKET = 1 << 24, 1 << 20  # bytes
_WIDTHS = (0, 1, 2, 4)  # of a number, by the two bits that announce it
_LATE = 1000  # ms by which a picture may come after the stated end
_BROADCAST = 1
"""A live stream: its header was written before its length was known."""


@dataclass(slots=True)
class _Stream:
    """What was read of one stream: `number` of its last object, and how much of it."""

    number: int = -1
    size: int = 0
    time: int = 0
    came: int = 0
    whole: int = 0
    packed: bool = False
    latest: int = 0


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def number(self, width: int) -> int:
        end = self.at + width
        if end > len(self.data):
            raise IndexError
        found = int.from_bytes(self.data[self.at : end], "little")
        self.at = end
        return found


def asf_fault(path: Path, stream: int) -> tuple[str, int | None]:
    """Return what is wrong with an ASF file, or an empty string, and a stream's pictures.

    Args:
        path: The file.
        stream: Number of the picture stream.

    Returns:
        The fault; and the number of pictures in the packets, None where unknown.
    """
    try:
        with path.open("rb") as file:
            found = _streams(file, path.stat().st_size).get(stream)
    except _BrokenError as fault:
        return str(fault), None
    except (IndexError, ValueError, OverflowError):
        return "its header ends too early", None
    if found is None or found.packed:
        return "", None
    return "", found.whole


class _BrokenError(Exception):
    """What is wrong, in words."""


def _streams(file: BinaryIO, size: int) -> dict[int, _Stream]:
    head = file.read(_OBJECT + 6)
    length = int.from_bytes(head[16:24], "little")
    if head[:16] != _HEADER or not _OBJECT + 6 <= length <= min(size, _MOST_HEADER):
        raise _BrokenError("its header is broken")
    properties = _properties(file.read(length - len(head)), int.from_bytes(head[24:28], "little"))
    stated, count, ends, least, most, live = properties
    if least != most or not 0 < least <= _MOST_PACKET:
        raise _BrokenError(f"its packets have {least} to {most} bytes, not one size")
    head = file.read(_DATA_HEAD)
    if head[:16] != _DATA:
        raise _BrokenError("no packets follow its header")
    span = int.from_bytes(head[16:24], "little")
    begin = length + _DATA_HEAD
    if live:
        count = (size - begin) // least
    else:
        again = int.from_bytes(head[40:48], "little")
        if stated not in (0, size):
            raise _BrokenError(f"{size} bytes of the {stated} that it declares")
        if again != count or span != _DATA_HEAD + count * least:
            found = f"{count} packets, {again} packets and {span} bytes of packets"
            raise _BrokenError(f"its header does not agree with itself: {found}")
        _check_chain(file, begin + count * least, size)
        file.seek(begin)
    streams: dict[int, _Stream] = {}
    for number in range(count):
        try:
            _take(_Reader(file.read(least)), streams)
        except IndexError:
            raise _BrokenError(f"packet {number} of {count} is broken") from None
    for stream in streams.values():
        _finish(stream)
        if not live and stream.latest > ends + _LATE:
            raise _BrokenError("a picture or audio comes after the stated end")
    return streams


def _properties(header: bytes, count: int) -> tuple[int, int, int, int, int, bool]:
    """Return file size, packets, end in ms, least and most bytes of one, whether it is live."""
    read, found = _Reader(header), None
    for _ in range(count):
        kind = read.data[read.at : read.at + 16]
        read.at += 16
        length = read.number(8)
        if length < _OBJECT or read.at - _OBJECT + length > len(header):
            raise _BrokenError("an object of its header does not fit into it")
        if kind == _PROPERTIES:
            body = _Reader(header[read.at : read.at - _OBJECT + length])
            body.at = 16
            stated, _, packets, play = (body.number(8) for _ in range(4))
            body.at += 16
            flags, least, most = (body.number(4) for _ in range(3))
            live = bool(flags & _BROADCAST)
            found = stated, packets, play // 10_000, least, most, live
        read.at += length - _OBJECT
    if found is None or read.at != len(header):
        raise _BrokenError("its header does not agree with itself")
    return found


def _check_chain(file: BinaryIO, at: int, size: int) -> None:
    """Check that only index objects follow the packets."""
    while at < size:
        file.seek(at + 16)
        length = int.from_bytes(file.read(8), "little")
        if length < _OBJECT or at + length > size:
            raise _BrokenError(f"what begins at byte {at} is no object of ASF")
        at += length
    if at > size:
        raise _BrokenError(f"{size} bytes of the {at} that it declares")


def _take(read: _Reader, streams: dict[int, _Stream]) -> None:
    """Take one packet; IndexError where its numbers do not fit into it."""
    size = len(read.data)
    first = read.number(1)
    if first & 0x80:
        read.at += first & 0x0F
        first = read.number(1)
    if first & 0x80:
        raise IndexError
    kinds = read.number(1)
    length = read.number(_WIDTHS[first >> 5 & 3])
    read.number(_WIDTHS[first >> 1 & 3])
    padding = read.number(_WIDTHS[first >> 3 & 3])
    read.at += 6
    if length > size:
        raise IndexError
    end = (length or size) - padding
    several = read.number(1) if first & 1 else 1
    for _ in range(several & 0x3F):
        _take_part(read, kinds, _WIDTHS[several >> 6] if first & 1 else None, end, streams)
    if read.at > end or (first & 1 and not several & 0x3F):
        raise IndexError


def _take_part(
    read: _Reader, kinds: int, width: int | None, end: int, streams: dict[int, _Stream]
) -> None:
    name = read.number(1) & 0x7F
    stream = streams.setdefault(name, _Stream())
    number = read.number(_WIDTHS[kinds >> 4 & 3])
    offset = read.number(_WIDTHS[kinds >> 2 & 3])
    copied = read.number(_WIDTHS[kinds & 3])
    facts = _Reader(read.data[read.at : read.at + copied])
    read.at += copied
    length = end - read.at if width is None else read.number(width)
    read.at += length
    if name == 0 or length <= 0 or read.at > end or (copied != 1 and copied < 8):
        raise IndexError
    if copied == 1:  # several small objects in one
        stream.packed = True
        return
    size, time = facts.number(4), facts.number(4)
    if number != stream.number:
        _finish(stream)
        counted = 1 << 8 * _WIDTHS[kinds >> 4 & 3]
        if stream.number >= 0 and number != (stream.number + 1) % counted and not stream.packed:
            raise _BrokenError(f"part {stream.number + 1} of a stream is missing")
        # What was cut off may have held the beginning of the first one.
        stream.number, stream.size, stream.time, stream.came = number, size, time, offset
        stream.whole += offset == 0
        stream.latest = max(stream.latest, time)
    if (offset, size, time) != (stream.came, stream.size, stream.time):
        raise _BrokenError(f"the pieces of part {number} of a stream do not agree")
    stream.came += length


def _finish(stream: _Stream) -> None:
    if stream.number >= 0 and not stream.packed and stream.came != stream.size:
        found = f"{stream.came} of {stream.size} bytes"
        raise _BrokenError(f"of part {stream.number} of a stream there are {found}")
