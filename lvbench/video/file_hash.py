"""Name a video by its content."""

from __future__ import annotations

import hashlib
from pathlib import Path

from lvbench.video.images import image_files
from lvbench.video.problems import reading


def sha256_file(path: str | Path) -> str:
    """Return the sha256 of a file's bytes, or of an image sequence, in hexadecimal.

    A folder is hashed as the lines `<sha256 of the file>  <name>` of its pictures in the order
    in which they are shown, so renaming, adding or changing one changes the hash.

    Raises:
        VideoDecodeError: Codes `file_missing`, `permission_denied`, `unreadable`.
    """
    path = Path(path)
    with reading(path):
        if not path.is_dir():
            return _digest(path)
        lines = [f"{_digest(file)}  {file.name}\n" for file in image_files(path)]
    return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
