"""Check MPEG streams: their chains of packets, and the numbers of pictures."""

from __future__ import annotations

from pathlib import Path

_START = b"\0\0\1"
_PICTURE, _GROUP, _END, _PACK = 0x00, 0xB8, 0xB9, 0xBA
_SYNC = b"G"
_MOST_FILLED = 1 << 16  # bytes
_TRANSPORT, _STAMPED = 188, 192


def packs_fault(path: Path) -> str:
    """Return where the chain of packets breaks, or an empty string."""
    size = path.stat().st_size
    at = 0
    with path.open("rb") as file:
        if file.read(4) != _START + bytes([_PACK]):
            return ""
        while at < size:
            file.seek(at)
            head = file.read(14)
            if head[:3] != _START or len(head) < 4:
                # Recorders fill their last sector with zeros.
                rest = head + file.read(_MOST_FILLED)
                whole = not rest.strip(b"\0") and not file.read(1)
                return "" if whole else f"the chain of packets breaks at byte {at}"
            if head[3] == _END:
                at += 4
            elif head[3] == _PACK:
                at += 14 + (head[-1] & 7) if head[4] & 0xC0 == 0x40 else 12
            else:
                at += 6 + int.from_bytes(head[4:6], "big")
    return "" if at == size else "its last packet is cut"


def transport_fault(path: Path) -> str:
    """Return where a transport stream loses its sync byte, or an empty string.

    Packets of 188 bytes are checked, alone or after a time stamp of 4 bytes; others pass.
    """
    with path.open("rb") as file:
        head = file.read(3 * _STAMPED)
        for length, offset in ((_TRANSPORT, 0), (_STAMPED, _STAMPED - _TRANSPORT)):
            if all(head[offset + k * length : offset + k * length + 1] == _SYNC for k in range(3)):
                break
        else:
            return ""
        file.seek(0)
        at = 0
        while block := file.read(length * 4096):
            marks = block[offset::length]
            broken = marks.replace(_SYNC, b"")
            if broken:
                place = next(k for k, mark in enumerate(marks) if mark != _SYNC[0])
                return f"what begins at byte {at + place * length} is no transport packet"
            at += len(block)
    return ""


class PictureNumbers:
    """Follow the numbers that MPEG-1 and MPEG-2 pictures carry within their groups."""

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def gap(self, coded: bytes) -> str:
        """Take the next coded pictures; return which number is missing in the group before."""
        missing = ""
        at = coded.find(_START)
        while at >= 0 and at + 6 <= len(coded):
            if coded[at + 3] == _GROUP:
                missing = missing or self._missing()
                self._seen = set()
            elif coded[at + 3] == _PICTURE:
                self._seen.add(coded[at + 4] << 2 | coded[at + 5] >> 6)
            at = coded.find(_START, at + 3)
        return missing if coded else self._missing()

    def _missing(self) -> str:
        # Leading pictures of the first group may have been cut off with the group before.
        absent = sorted(
            set(range(min(self._seen, default=0), max(self._seen, default=0))) - self._seen
        )
        if not absent:
            return ""
        return f"{len(absent)} pictures are missing from a group, the first is number {absent[0]}"
