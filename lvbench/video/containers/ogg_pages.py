"""Check the pages of an Ogg file: their sums, their numbers and their end."""

from __future__ import annotations

import zlib
from pathlib import Path

_MARK = b"OggS"
_HEAD = 27
_LAST = 0x04
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def ogg_fault(path: Path) -> str:
    """Return what is wrong with an Ogg file's pages, or an empty string; others are whole."""
    numbers: dict[bytes, int] = {}
    ended: set[bytes] = set()
    with path.open("rb") as file:
        if file.read(4) != _MARK:
            return ""
        file.seek(0)
        while head := file.read(_HEAD):
            if head[:4] != _MARK or len(head) < _HEAD:
                return f"what follows page {sum(numbers.values())} is no Ogg page"
            table = file.read(head[26])
            page = head[:22] + bytes(4) + head[26:] + table + file.read(sum(table))
            if len(page) < _HEAD + len(table) + sum(table):
                return "its last Ogg page is cut"
            stream, number = head[14:18], int.from_bytes(head[18:22], "little")
            if _sum(page) != int.from_bytes(head[22:26], "little"):
                return f"the checksum of Ogg page {number} is wrong"
            if number != numbers.get(stream, -1) + 1:
                return f"Ogg page {numbers.get(stream, -1) + 1} is missing"
            numbers[stream] = number
            if head[5] & _LAST:
                ended.add(stream)
    return "" if ended == set(numbers) else "its last Ogg page is missing"


def _sum(page: bytes) -> int:
    """Return Ogg's checksum: that of zlib with all bits the other way round, from 0."""
    mirrored = zlib.crc32(page.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{mirrored:032b}"[::-1], 2)
