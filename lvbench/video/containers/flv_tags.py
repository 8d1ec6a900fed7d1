"""Check the chain of tags of an FLV file: each is followed by its own length."""

from __future__ import annotations

import re
import struct
from pathlib import Path

_TAG_HEAD = 11
# The size of the file in its metadata: an AMF number.
_FILE_SIZE = re.compile(rb"\x00\x08filesize\x00(.{8})", re.DOTALL)


def flv_fault(path: Path) -> str:
    """Return what is wrong with an FLV file's tags, or an empty string; others are whole."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(9)
        if head[:3] != b"FLV":
            return ""
        stated = _FILE_SIZE.search(file.read(4096))
        if stated and 0 < struct.unpack(">d", stated[1])[0] != size:
            return f"{size} bytes of the {struct.unpack('>d', stated[1])[0]:.0f} that it declares"
        at = int.from_bytes(head[5:9], "big") + 4
        while at < size:
            file.seek(at)
            length = _TAG_HEAD + int.from_bytes(file.read(4)[1:], "big")
            file.seek(at + length)
            if file.read(4) != length.to_bytes(4, "big"):
                return f"the tag at byte {at} is broken"
            at += length + 4
    return ""
