"""Check that a Matroska or WebM file consists of nothing but its elements, with right checksums."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import BinaryIO

_SEGMENT, _CLUSTER, _VOID, _CHECKSUM = 0x18538067, 0x1F43B675, 0xEC, 0xBF
_HEADER = 0x1A45DFA3
# SeekHead, Info, Tracks, Chapters, Cues, Attachments, Tags
_MASTERS = {0x114D9B74, 0x1549A966, 0x1654AE6B, 0x1043A770, 0x1C53BB6B, 0x1941A469, 0x1254C367}
_TOP = _MASTERS | {_CLUSTER, _VOID, _CHECKSUM}
_TIME, _SIMPLE_BLOCK, _BLOCK_GROUP = 0xE7, 0xA3, 0xA0
# ... and previous size, position, silent tracks, encrypted block
_IN_CLUSTER = {_TIME, _SIMPLE_BLOCK, _BLOCK_GROUP, 0xAB, 0xA7, 0x5854, 0xAF, _VOID, _CHECKSUM}
_CHECKED_BYTES = 1 << 28  # no checksum is computed of a longer element


def ebml_fault(path: Path) -> str:
    """Return what is wrong with the elements of a Matroska file, or an empty string.

    Sizes, kinds and checksums are checked, and that clusters come in the order of their times.
    Where a stream was written without sizes, an element ends where the next one begins.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        at, clock = 0, -1
        while at < size:
            head = _head(file, at)
            if head is None:
                return f"what begins at byte {at} is no element of Matroska"
            kind, begin, length = head
            end = size if length is None else begin + length
            if end > size and kind != _SEGMENT:
                return "its last element is cut"
            if kind in (_SEGMENT, _CLUSTER):
                at = begin  # go on with what is inside
                if kind == _CLUSTER and (fault := _sum_fault(file, begin, min(end, size))):
                    return fault
                continue
            if kind == _TIME:
                file.seek(begin)
                before, clock = clock, int.from_bytes(file.read(min(8, end - begin)), "big")
                if clock < before:
                    return f"the cluster of time {clock} follows one of time {before}"
            elif kind in _MASTERS and (fault := _sum_fault(file, begin, min(end, size))):
                return fault
            elif kind not in _TOP | _IN_CLUSTER | {_HEADER}:
                return f"what begins at byte {at} is no element of Matroska"
            at = end
    return ""


def _head(file: BinaryIO, at: int) -> tuple[int, int, int | None] | None:
    """Return an element's kind, where its content begins, and its length, if it is known."""
    file.seek(at)
    head = file.read(12)
    if not head or not head[0] & 0xF0:
        return None
    kinds = 9 - head[0].bit_length()
    if len(head) <= kinds or not head[kinds]:
        return None
    lengths = 9 - head[kinds].bit_length()
    raw = int.from_bytes(head[kinds : kinds + lengths], "big")
    unknown = (1 << 7 * lengths) - 1
    length = raw & unknown
    kind = int.from_bytes(head[:kinds], "big")
    return kind, at + kinds + lengths, None if length == unknown else length


def _sum_fault(file: BinaryIO, begin: int, end: int) -> str:
    """Return the fault where an element's checksum does not match its content."""
    file.seek(begin)
    if file.read(2) != b"\xbf\x84" or end - begin > _CHECKED_BYTES:
        return ""
    stated = int.from_bytes(file.read(4), "little")
    if zlib.crc32(file.read(end - begin - 6)) == stated:
        return ""
    return f"the checksum of the element at byte {begin} is wrong"
