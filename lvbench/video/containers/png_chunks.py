"""Check the sums that a PNG file carries of its own parts."""

from __future__ import annotations

import zlib
from pathlib import Path

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def broken_chunk(path: Path) -> str | None:
    """Return which chunk of a PNG file is broken, or None; files of other kinds are whole."""
    with path.open("rb") as file:
        if file.read(8) != SIGNATURE:
            return None
        while True:
            head = file.read(8)
            if len(head) < 8:
                return "the PNG has no end chunk"
            length, kind = int.from_bytes(head[:4], "big"), head[4:]
            name = kind.decode("latin-1") if kind.isalpha() else repr(kind)
            total = zlib.crc32(kind)
            while length:
                piece = file.read(min(length, 1 << 20))
                if not piece:
                    return f"the PNG ends within its chunk {name}"
                total, length = zlib.crc32(piece, total), length - len(piece)
            if file.read(4) != total.to_bytes(4, "big"):
                return f"the checksum of the PNG's chunk {name} is wrong"
            if kind == b"IEND":
                return None
