"""The files of an image sequence, their order, and the content of their headers."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from lvbench.video.containers.chains import PNG_SIGNATURE as _PNG

IMAGE_EXTENSIONS = frozenset({".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp"})
_NUMBER = re.compile(r"(\d+)")
_MOST_PARTS = 4096  # of a header; a picture has a few


def image_files(folder: Path) -> list[Path]:
    """Return the folder's pictures in natural order (2 before 10); hidden files are left out.

    Where some have a number in their name, those without one are no frames and are left out.
    """
    found = [
        file
        for file in folder.iterdir()
        if file.suffix.lower() in IMAGE_EXTENSIONS
        and not file.name.startswith(".")
        and file.is_file()
    ]
    numbered = [file for file in found if is_numbered(file)]
    return sorted(numbered or found, key=natural_key)


def natural_key(file: Path) -> tuple[list[tuple[int, int, str]], str]:
    """Return a sort key that reads the numbers in a file's name as numbers."""
    parts = _NUMBER.split(file.name)
    key = [(1, int(p), "") if i % 2 else (0, 0, p) for i, p in enumerate(parts)]
    return key, file.name


def is_numbered(file: Path) -> bool:
    """Return whether a file's name, without its extension, has a number."""
    return _NUMBER.search(file.stem) is not None


def is_animated(path: Path) -> bool:
    """Return whether a file is a WebP, PNG or GIF of more than one frame, by its content.

    Only headers are read. A file that cannot be read, or is of another kind, is not animated.
    """
    try:
        with path.open("rb") as file:
            head = file.read(12)
            if head[:4] == b"RIFF" and head[8:] == b"WEBP":
                return _webp_frames(file) > 1
            if head[:8] == _PNG:
                return _png_frames(file) > 1
            return head[:4] == b"GIF8" and _gif_moves(path)
    except OSError:
        return False


def image_size(path: Path) -> tuple[int, int] | None:
    """Return the width and height that a picture's header states, as stored; None if unknown.

    PNG, JPEG, WebP, TIFF, BMP and GIF are read. Nothing is decoded.

    Raises:
        OSError: The file cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(32)
        read = next((read for magic, read in _READERS if head.startswith(magic)), None)
        return None if read is None else read(file, head)


def _png_size(file: BinaryIO, head: bytes) -> tuple[int, int] | None:
    return (_big(head[16:20]), _big(head[20:24])) if head[12:16] == b"IHDR" else None


def _gif_size(file: BinaryIO, head: bytes) -> tuple[int, int] | None:
    return _little(head[6:8]), _little(head[8:10])


def _bmp_size(file: BinaryIO, head: bytes) -> tuple[int, int] | None:
    if _little(head[14:18]) == 12:
        return _little(head[18:20]), _little(head[20:22])
    # A negative height is that of a picture stored from the top.
    return _little(head[18:22]), abs(int.from_bytes(head[22:26], "little", signed=True))


def _webp_size(file: BinaryIO, head: bytes) -> tuple[int, int] | None:
    kind = head[12:16]
    if kind == b"VP8X":
        return _little(head[24:27]) + 1, _little(head[27:30]) + 1
    if kind == b"VP8L":
        bits = _little(head[21:25])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        return _little(head[26:28]) & 0x3FFF, _little(head[28:30]) & 0x3FFF
    return None


def _jpeg_size(file: BinaryIO, head: bytes) -> tuple[int, int] | None:
    at = 2
    for _ in range(_MOST_PARTS):
        file.seek(at)
        part = file.read(9)
        if len(part) < 9 or part[0] != 0xFF:
            return None
        marker = part[1]
        if marker == 0xFF:  # padding
            at += 1
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return _big(part[7:9]), _big(part[5:7])
        else:
            at += 2 + _big(part[2:4])
    return None


def _tiff_size(file: BinaryIO, head: bytes) -> tuple[int, int] | None:
    number = _little if head[:2] == b"II" else _big
    file.seek(number(head[4:8]))
    sizes: dict[int, int] = {}
    for _ in range(number(file.read(2))):
        entry = file.read(12)
        short = number(entry[2:4]) == 3
        sizes[number(entry[:2])] = number(entry[8:10] if short else entry[8:12])
    return (sizes[256], sizes[257]) if {256, 257} <= sizes.keys() else None


_READERS: tuple[tuple[bytes, Callable[[BinaryIO, bytes], tuple[int, int] | None]], ...] = (
    (_PNG, _png_size),
    (b"\xff\xd8\xff", _jpeg_size),
    (b"RIFF", _webp_size),
    (b"II*\0", _tiff_size),
    (b"MM\0*", _tiff_size),
    (b"BM", _bmp_size),
    (b"GIF8", _gif_size),
)


def _png_frames(file: BinaryIO) -> int:
    """Return the frames that an APNG's header counts; 1 where it has no such header."""
    at = len(_PNG)
    for _ in range(_MOST_PARTS):
        file.seek(at)
        part = file.read(12)
        if len(part) < 12 or part[4:8] == b"IDAT":
            return 1
        if part[4:8] == b"acTL":
            return _big(part[8:12])
        at += 12 + _big(part[:4])
    return 1


def _webp_frames(file: BinaryIO) -> int:
    """Return the number of frames of a WebP, counted up to two."""
    at, frames = 12, 0
    for _ in range(_MOST_PARTS):
        file.seek(at)
        part = file.read(8)
        if len(part) < 8 or part[:4] in (b"VP8 ", b"VP8L"):
            break
        frames += part[:4] == b"ANMF"
        if frames > 1:
            break
        length = _little(part[4:])
        at += 8 + length + length % 2
    return max(1, frames)


def _gif_moves(path: Path) -> bool:
    from PIL import Image

    try:
        with Image.open(path) as image:
            return bool(getattr(image, "is_animated", False))
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError):
        return False


def _big(number: bytes) -> int:
    return int.from_bytes(number, "big")


def _little(number: bytes) -> int:
    return int.from_bytes(number, "little")
