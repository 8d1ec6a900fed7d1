"""Which files in a folder make an image sequence, and in what order."""

from __future__ import annotations

import re
from pathlib import Path

from lvbench.video.png_chunks import SIGNATURE as PNG_SIGNATURE

IMAGE_EXTENSIONS = frozenset({".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp"})
_WEBP_ANIMATION = 0x02
_NUMBER = re.compile(r"(\d+)")


def image_files(folder: Path) -> list[Path]:
    """Return the folder's pictures in natural order (2 before 10); hidden files are left out."""
    found = (
        file
        for file in folder.iterdir()
        if file.suffix.lower() in IMAGE_EXTENSIONS
        and not file.name.startswith(".")
        and file.is_file()
    )
    return sorted(found, key=natural_key)


def natural_key(file: Path) -> tuple[list[tuple[int, int, str]], str]:
    """Return a sort key that reads the numbers in a file's name as numbers."""
    parts = _NUMBER.split(file.name)
    key = [(1, int(p), "") if i % 2 else (0, 0, p) for i, p in enumerate(parts)]
    return key, file.name


def is_animated(file: Path) -> bool:
    """Return whether a file is a WebP or PNG that holds more than one picture."""
    with file.open("rb") as opened:
        head = opened.read(21)
        if head[:4] == b"RIFF" and head[8:16] == b"WEBPVP8X" and head[20:]:
            return bool(head[20] & _WEBP_ANIMATION) and _more_than_one(file)
        if head[:8] != PNG_SIGNATURE:
            return False
        opened.seek(8)
        # The control chunk of an animation comes before the first picture's data.
        while len(head := opened.read(8)) == 8 and head[4:] != b"IDAT":
            if head[4:] == b"acTL":
                return int.from_bytes(opened.read(4), "big") > 1
            opened.seek(int.from_bytes(head[:4], "big") + 4, 1)
    return False


def _more_than_one(file: Path) -> bool:
    """Return whether a WebP file that may move holds more than one frame."""
    found = 0
    with file.open("rb") as opened:
        opened.seek(12)
        while found < 2 and len(head := opened.read(8)) == 8:
            found += head[:4] == b"ANMF"
            length = int.from_bytes(head[4:], "little")
            opened.seek(length + length % 2, 1)
    return found > 1


def is_image_sequence(folder: Path) -> bool:
    """Return whether the folder holds numbered pictures and nothing else that is visible."""
    entries = [entry for entry in folder.iterdir() if not entry.name.startswith(".")]
    return bool(entries) and all(
        entry.is_file()
        and entry.suffix.lower() in IMAGE_EXTENSIONS
        and _NUMBER.search(entry.stem) is not None
        for entry in entries
    )
