"""One process at a time writes in a folder."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from lvbench.errors import ConfigError
from lvbench.results.files import storage_error, sweep

_TAKEN = (errno.EWOULDBLOCK, errno.EACCES)


@contextlib.contextmanager
def locked_folder(folder: Path) -> Iterator[None]:
    """Make a folder, keep other processes from writing in it too, and sweep it; see `sweep`.

    The folder itself is locked, so no file is left behind, and the lock goes with the process,
    however that ends. Where the file system has no such locks, nothing is kept. A folder that was
    not there and in which an error leaves nothing is taken away again.

    Raises:
        ConfigError: Another process writes there (`folder_in_use`).
        StorageError: The folder cannot be made.
    """
    new = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise storage_error(folder, error) from error
    try:
        _lock(handle, folder)
        sweep(folder)
        with _emptied(folder) if new else contextlib.nullcontext():
            yield
    finally:
        os.close(handle)


def _lock(handle: int, folder: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in _TAKEN:
            return
        raise ConfigError(
            "write results",
            found="another process is writing them",
            where=str(folder),
            fix="wait until it has ended, or stop it and run this again; or give another --out",
            code="folder_in_use",
        ) from error


@contextlib.contextmanager
def _emptied(folder: Path) -> Iterator[None]:
    """Take an empty folder away where an error passes."""
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError):  # it holds something
            folder.rmdir()
        raise
