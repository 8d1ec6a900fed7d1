"""Check that an MPEG program stream is an unbroken chain of packets."""

from __future__ import annotations

from pathlib import Path

_START = b"\0\0\1"
_PACK, _END = 0xBA, 0xB9


def packs_fault(path: Path) -> str:
    """Return where the chain of packets breaks, or an empty string; others are whole."""
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
                rest = head + file.read()
                return f"the chain of packets breaks at byte {at}" if rest.strip(b"\0") else ""
            if head[3] == _END:
                at += 4
            elif head[3] == _PACK:
                at += 14 + (head[-1] & 7) if head[4] & 0xC0 == 0x40 else 12
            else:
                at += 6 + int.from_bytes(head[4:6], "big")
    return "" if at == size else "its last packet is cut"
