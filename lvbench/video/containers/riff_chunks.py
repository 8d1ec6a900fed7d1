"""Check what the chunks of an AVI or of an animated WebP say against each other."""

from __future__ import annotations

from pathlib import Path

_WEBP_CHUNKS = (b"VP8X", b"ANIM", b"ANMF", b"ALPH", b"VP8 ", b"VP8L", b"ICCP", b"EXIF", b"XMP ")
_HEADERS = 1 << 16  # bytes: the headers of an AVI lie at its beginning
_NEAR = 0.01  # of a rate; one of the two is rounded to microseconds


def riff_fault(path: Path) -> str:
    """Return what is wrong with an AVI's or WebP's chunks, or an empty string."""
    with path.open("rb") as file:
        head = file.read(_HEADERS)
    if head[:4] != b"RIFF":
        return ""
    return _webp_fault(path) if head[8:12] == b"WEBP" else _avi_fault(path, head)


def webp_frames(path: Path) -> int:
    """Return how many frames the chunks of a WebP list; 0 for files of other kinds."""
    size, at, count = path.stat().st_size, 12, 0
    with path.open("rb") as file:
        head = file.read(12)
        while head[8:] == b"WEBP" and at + 8 <= size:
            file.seek(at)
            chunk = file.read(8)
            count += chunk[:4] == b"ANMF"
            length = int.from_bytes(chunk[4:], "little")
            at += 8 + length + length % 2
    return count


def _webp_fault(path: Path) -> str:
    size = path.stat().st_size
    at = 12
    with path.open("rb") as file:
        while at + 8 <= size:
            file.seek(at)
            chunk = file.read(8)
            if chunk[:4] not in _WEBP_CHUNKS:
                return f"what begins at byte {at} is no chunk of a WebP"
            length = int.from_bytes(chunk[4:], "little")
            at += 8 + length + length % 2
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
    if abs(stated - seconds) > _NEAR * max(stated, seconds):
        return f"a frame lasts {stated:.6f} s by one of its headers, {seconds:.6f} s by the other"
    length = int.from_bytes(head[rates[1] + 40 :][:4], "little")
    return f"its first frame has the number {start} of {length}" if start > length else ""
