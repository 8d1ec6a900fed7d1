"""Let one process at a time write in a folder."""

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
    """Make a folder, lock it against other processes, and sweep it; see `sweep`.

    The folder itself is locked, so no lock file is left, and the lock ends with the process.
    On a file system without such locks, nothing is locked. A new folder that is empty after an
    error is removed.

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
        with _removed_if_empty(folder) if new else contextlib.nullcontext():
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
def _removed_if_empty(folder: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError):  # it is not empty
            folder.rmdir()
        raise
