"""Which files in a folder make an image sequence, and in what order."""

from __future__ import annotations

import re
from pathlib import Path

IMAGE_EXTENSIONS = frozenset({".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp"})
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


def is_image_sequence(folder: Path) -> bool:
    """Return whether the folder holds numbered pictures and nothing else that is visible."""
    entries = [entry for entry in folder.iterdir() if not entry.name.startswith(".")]
    return bool(entries) and all(
        entry.is_file()
        and entry.suffix.lower() in IMAGE_EXTENSIONS
        and _NUMBER.search(entry.stem) is not None
        for entry in entries
    )
