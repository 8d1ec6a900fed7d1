"""Write files atomically, and JSON with the same bytes for the same content."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import tempfile
from pathlib import Path
from typing import Any

from lvbench.errors import StorageError

_PARTIAL = re.compile(r"\..*\.(?P<process>[0-9]{1,10})\.partial(\.[A-Za-z0-9]+)?", re.DOTALL)


def canonical_json(content: Any, *, indent: int | None = None) -> str:
    """Return strict JSON with sorted keys; NaN and infinity raise ValueError."""
    separators = (",", ":") if indent is None else (",", ": ")
    return json.dumps(
        content,
        sort_keys=True,
        allow_nan=False,
        ensure_ascii=False,
        indent=indent,
        separators=separators,
    )


def write_atomic(path: Path, content: str | bytes) -> None:
    """Write `content` to `path` by temporary file in the same folder, fsync and rename.

    Raises:
        StorageError: The disk is full (`disk_full`) or the folder refuses writing.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(
            dir=path.parent, prefix=f".{path.name[:40]}.", suffix=f".{os.getpid()}.partial"
        )
        try:
            with os.fdopen(descriptor, "wb") as handle:
                handle.write(data)
                handle.flush()
                os.fsync(handle.fileno())
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise
        _sync_folder(path.parent)
    except OSError as error:
        raise storage_error(path, error) from error


def append(path: Path, text: str) -> None:
    """Append a text to a log.

    Raises:
        StorageError: It cannot be written.
    """
    try:
        with path.open("a", encoding="utf-8") as log:
            log.write(text)
    except OSError as error:
        raise storage_error(path, error) from error


def sweep(folder: Path) -> None:
    """Remove the partial files of ended processes in a folder and below it.

    Until it is complete, every file of lvbench has its process in its name: `.NAME.PID.partial`.
    """
    for place, _, names in os.walk(folder):
        for name in names:
            found = _PARTIAL.fullmatch(name)
            if found and not _alive(int(found["process"])):
                with contextlib.suppress(OSError):
                    (Path(place) / name).unlink()


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # another user's
        return True
    return True


def storage_error(path: Path, error: OSError) -> StorageError:
    """Return an operating-system error on writing as an error with a fix."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return StorageError(
        "write a result",
        found=error.strerror or str(error),
        where=str(path),
        fix="free space, then run the same command again: it resumes"
        if full
        else "make the folder writable, then run the same command again: it resumes",
        code="disk_full" if full else "storage_failed",
    )


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
