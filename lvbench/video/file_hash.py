"""Hash a video's content, and detect whether its file changes while it is read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

from lvbench.errors import VideoDecodeError
from lvbench.video.decoding.images import image_files
from lvbench.video.problems import decode_error, reading, require_regular

Beat = Callable[[], None]

_BLOCK = 1 << 20  # bytes between two heartbeats


def _silent() -> None:
    return None


def sha256_file(path: str | Path, beat: Beat = _silent) -> str:
    """Return the sha256 of a file's bytes, or of an image sequence, in hexadecimal.

    A folder is hashed as the lines `<sha256 of the file>  <name>` of its pictures in the order
    in which they are shown, so renaming, adding or changing one changes the hash.

    Args:
        path: The file or folder.
        beat: Called again and again while it is read, as a heartbeat.

    Raises:
        VideoDecodeError: Codes `file_missing`, `permission_denied`, `not_regular`,
            `sparse_file`, `unreadable`.
    """
    path = Path(path)
    with reading(path):
        if not path.is_dir():
            return _digest(path, beat)
        lines = [f"{_digest(file, beat)}  {file.name}\n" for file in image_files(path)]
    return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


class FileWatch:
    """Hash a video, and detect afterwards whether its file is still the same.

    Args:
        path: The file, or the folder of an image sequence.
        beat: Called again and again while it is read, as a heartbeat.

    Attributes:
        sha256: The hash.

    Raises:
        VideoDecodeError: As `sha256_file`.
    """

    def __init__(self, path: Path, beat: Beat = _silent) -> None:
        self._path, self._beat = path, beat
        # Before the hash: so a replacement between the two is detected too.
        self._before = dict(_stamps(path))
        self.sha256 = sha256_file(path, beat)

    def changed(self) -> VideoDecodeError | None:
        """Return the error of a file that was replaced, changed or removed since; else None.

        Device, inode, size and time of the last change must be those from before. Where only the
        status changed (a new name, other rights, a time set back), the content is hashed again.
        """
        try:
            after = dict(_stamps(self._path))
            found = _difference(self._before, after)
            status_moved = not found and self._before != after
            if status_moved and sha256_file(self._path, self._beat) != self.sha256:
                found = "other content under the same time stamp"
        except VideoDecodeError as error:
            found = error.found
        if not found:
            return None
        return decode_error("file_changed", self._path, f"it changed while it was read: {found}")


_Stamp = tuple[int, int, int, int, int]


def _stamps(path: Path) -> Iterator[tuple[str, _Stamp]]:
    """Yield the stamp of the file, or of every picture of a sequence, by name."""
    with reading(path):
        for file in image_files(path) if path.is_dir() else [path]:
            s = file.stat()
            yield file.name, (s.st_dev, s.st_ino, s.st_size, s.st_mtime_ns, s.st_ctime_ns)


def _difference(before: dict[str, _Stamp], after: dict[str, _Stamp]) -> str:
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old is None or new is None:
            return f"{name} {'appeared' if old is None else 'is gone'}"
        if old[:2] != new[:2]:
            return f"{name} was replaced by another file"
        if old[2] != new[2]:
            return f"{name} had {old[2]} bytes and now has {new[2]}"
        if old[3] != new[3]:
            return f"{name} was written to"
    return ""


def _digest(path: Path, beat: Beat) -> str:
    digest = hashlib.sha256()
    # A size of 0 is not read: the kernel's files in /proc may wait forever.
    if require_regular(path).st_size:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
                beat()
    return digest.hexdigest()
