"""Check files that are one chain of small parts: FLV, GIF, Ogg, PNG, AVI and animated WebP.

Each function returns what is wrong, or an empty string; files of another format pass.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from mmap import ACCESS_READ, mmap
from pathlib import Path

_FLV_TAG_HEAD = 11
# The size of the file in its metadata: an AMF number.
_FLV_FILE_SIZE = re.compile(rb"\x00\x08filesize\x00(.{8})", re.DOTALL)
_GIF_PICTURE, _GIF_EXTENSION, _GIF_TRAILER = 0x2C, 0x21, 0x3B
_GIF_COLOURS = 0x80  # a table of colours follows
_OGG_MARK = b"OggS"
_OGG_HEAD = 27
_OGG_LAST = 0x04
_REVERSED_BITS = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_WEBP_CHUNKS = (b"VP8X", b"ANIM", b"ANMF", b"ALPH", b"VP8 ", b"VP8L", b"ICCP", b"EXIF", b"XMP ")
_AVI_HEADERS = 1 << 16  # bytes: the headers of an AVI are at its beginning
_SAME_RATE = 0.01  # of a rate; one of the two is rounded to microseconds


def flv_fault(path: Path) -> str:
    """Return what is wrong with an FLV file's tags, or an empty string."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(9)
        if head[:3] != b"FLV":
            return ""
        stated = _FLV_FILE_SIZE.search(file.read(4096))
        if stated and 0 < struct.unpack(">d", stated[1])[0] != size:
            return f"{size} bytes of the {struct.unpack('>d', stated[1])[0]:.0f} that it declares"
        at = int.from_bytes(head[5:9], "big") + 4
        while at < size:
            file.seek(at)
            length = _FLV_TAG_HEAD + int.from_bytes(file.read(4)[1:], "big")
            file.seek(at + length)
            if file.read(4) != length.to_bytes(4, "big"):
                return f"the tag at byte {at} is broken"
            at += length + 4
    return ""


def gif_fault(path: Path) -> str:
    """Return what is wrong with a GIF's blocks, or an empty string."""
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        return _gif_block_fault(data)


def _gif_block_fault(data: mmap) -> str:
    at = 13 + _gif_colours(data, 10)
    while at < len(data) and data[at] != _GIF_TRAILER:
        kind = data[at]
        if kind == _GIF_PICTURE:
            at += 11 + _gif_colours(data, at + 9)
        elif kind == _GIF_EXTENSION:
            at += 2
        else:
            return f"what begins at byte {at} is no block of a GIF"
        while at < len(data) and data[at]:
            at += 1 + data[at]
        at += 1
    if at >= len(data):
        return "the GIF has no trailer"
    return "something follows the trailer of the GIF" if data[at + 1 :].strip(b"\0") else ""


def _gif_colours(data: mmap, at: int) -> int:
    """Return the length of the table of colours that the flags at a place declare."""
    flags = data[at] if at < len(data) else 0
    return 3 * 2 ** ((flags & 7) + 1) if flags & _GIF_COLOURS else 0


def ogg_fault(path: Path) -> str:
    """Return what is wrong with an Ogg file's pages, or an empty string."""
    numbers: dict[bytes, int] = {}
    ended: set[bytes] = set()
    with path.open("rb") as file:
        if file.read(4) != _OGG_MARK:
            return ""
        file.seek(0)
        while head := file.read(_OGG_HEAD):
            if head[:4] != _OGG_MARK or len(head) < _OGG_HEAD:
                return f"what follows page {sum(numbers.values())} is no Ogg page"
            table = file.read(head[26])
            page = head[:22] + bytes(4) + head[26:] + table + file.read(sum(table))
            if len(page) < _OGG_HEAD + len(table) + sum(table):
                return "its last Ogg page is cut"
            stream, number = head[14:18], int.from_bytes(head[18:22], "little")
            if _ogg_checksum(page) != int.from_bytes(head[22:26], "little"):
                return f"the checksum of Ogg page {number} is wrong"
            if number != numbers.get(stream, -1) + 1:
                return f"Ogg page {numbers.get(stream, -1) + 1} is missing"
            numbers[stream] = number
            if head[5] & _OGG_LAST:
                ended.add(stream)
    return "" if ended == set(numbers) else "its last Ogg page is missing"


def _ogg_checksum(page: bytes) -> int:
    """Return Ogg's checksum: that of zlib with all bits the other way round, from 0."""
    mirrored = zlib.crc32(page.translate(_REVERSED_BITS), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{mirrored:032b}"[::-1], 2)


def png_fault(path: Path) -> str:
    """Return which chunk of a PNG file is broken, or an empty string."""
    with path.open("rb") as file:
        if file.read(8) != PNG_SIGNATURE:
            return ""
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
                return ""


def riff_fault(path: Path) -> str:
    """Return what is wrong with an AVI's or WebP's chunks, or an empty string."""
    with path.open("rb") as file:
        head = file.read(_AVI_HEADERS)
    if head[:4] != b"RIFF":
        return ""
    return _webp_fault(path) if head[8:12] == b"WEBP" else _avi_fault(path, head)


def webp_frames(path: Path) -> int:
    """Return how many frames the chunks of a WebP list; 0 for files of other kinds."""
    return sum(kind == b"ANMF" for _, kind in _webp_chunks(path))


def _webp_chunks(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield place and kind of each chunk of a WebP; none for files of other kinds."""
    size, at = path.stat().st_size, 12
    with path.open("rb") as file:
        if file.read(12)[8:] != b"WEBP":
            return
        while at + 8 <= size:
            file.seek(at)
            chunk = file.read(8)
            yield at, chunk[:4]
            length = int.from_bytes(chunk[4:], "little")
            at += 8 + length + length % 2


def _webp_fault(path: Path) -> str:
    for at, kind in _webp_chunks(path):
        if kind not in _WEBP_CHUNKS:
            return f"what begins at byte {at} is no chunk of a WebP"
    return ""


def _avi_fault(path: Path, head: bytes) -> str:
    first = 8 + int.from_bytes(head[4:8], "little")
    with path.open("rb") as file:
        file.seek(first + first % 2)
        following = file.read(12)
    # A long AVI goes on in parts of the kind AVIX.
    if following[:4] == b"RIFF" and following[8:] == b"AVI ":
        return "another AVI follows in the same file"
    rates = head.find(b"avih"), head.find(b"strh")
    if min(rates) < 0 or head[rates[1] + 8 : rates[1] + 12] != b"vids":
        return ""
    microseconds = int.from_bytes(head[rates[0] + 8 :][:4], "little")
    scale, rate, start = (
        int.from_bytes(head[rates[1] + at :][:4], "little") for at in (28, 32, 36)
    )
    if not (microseconds and rate):
        return ""
    stated, seconds = microseconds / 1e6, scale / rate
    if abs(stated - seconds) > _SAME_RATE * max(stated, seconds):
        return f"a frame lasts {stated:.6f} s by one of its headers, {seconds:.6f} s by the other"
    length = int.from_bytes(head[rates[1] + 40 :][:4], "little")
    return f"its first frame has the number {start} of {length}" if start > length else ""
