"""The files of weights under LVBENCH_HOME, and their checksums."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from lvbench.reading import read_json
from lvbench.weights.catalogue import Checksums, WeightsFile, hub_file

_BLOCK = 1 << 20


def home() -> Path:
    """Return lvbench's own folder: LVBENCH_HOME, or ~/.cache/lvbench."""
    return Path(os.environ.get("LVBENCH_HOME") or "~/.cache/lvbench").expanduser()


def weights_folder() -> Path:
    """Return the folder of fetched weights."""
    return home() / "weights"


def shipped_folder() -> Path:
    """Return the folder of shipped weights."""
    return Path(__file__).parent / "shipped"


def hub_copies(file: WeightsFile) -> list[Path]:
    """Return the copies of a file in the Hugging Face Hub's cache, which other tools fill."""
    standard = Path(os.environ.get("HF_HOME") or "~/.cache/huggingface").expanduser() / "hub"
    cache = Path(os.environ.get("HF_HUB_CACHE") or standard).expanduser()
    copies: list[Path] = []
    for hub in filter(None, map(hub_file, file.addresses)):
        repo = cache / f"models--{hub.repo.replace('/', '--')}"
        copies += sorted(path for path in repo.glob(f"snapshots/*/{hub.file}") if path.is_file())
    return copies


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Lock `path` against all other processes.

    Raises:
        OSError: The lock file cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f".{path.name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def checksums(path: Path, *, remember: bool = True) -> Checksums:
    """Return a file's checksums, computed once for each (path, size, time of change).

    Checksums are kept under LVBENCH_HOME, and while one process computes, others wait for it;
    where nothing can be written there, each computes its own.

    Args:
        path: The file.
        remember: Use earlier checksums; False reads the file again.
    """
    path = path.resolve()
    note = home() / "hashes" / f"{hashlib.sha256(os.fsencode(path)).hexdigest()[:32]}.json"
    if remember and (known := _noted(note, path)) is not None:
        return known
    try:
        with locked(note):
            known = _noted(note, path) if remember else None
            return known if known is not None else _compute(path, note)
    except OSError:
        return _compute(path, None)


def _state(path: Path) -> dict[str, Any]:
    stat = path.stat()
    return {"path": str(path), "size": stat.st_size, "mtime_ns": stat.st_mtime_ns}


def _noted(note: Path, path: Path) -> Checksums | None:
    # A note of another version, or a damaged one, is ignored.
    with suppress(OSError, ValueError, KeyError, TypeError):
        content = read_json(note)
        if content.pop("file") == _state(path):
            return Checksums.model_validate(content)
    return None


def _compute(path: Path, note: Path | None) -> Checksums:
    state = _state(path)
    sha256 = hashlib.sha256()
    git_blob = hashlib.sha1(b"blob %d\0" % state["size"], usedforsecurity=False)
    with path.open("rb") as handle:
        while block := handle.read(_BLOCK):
            sha256.update(block)
            git_blob.update(block)
    found = Checksums(sha256=sha256.hexdigest(), git_blob=git_blob.hexdigest())
    if note is not None:
        with suppress(OSError):
            _write(note, {"file": state, **found.model_dump()})
    return found


def forget() -> None:
    """Delete all stored checksums."""
    shutil.rmtree(home() / "hashes", ignore_errors=True)


def _write(path: Path, content: dict[str, Any]) -> None:
    """Write JSON atomically; the caller has the lock of `path`."""
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("w", encoding="utf-8") as handle:
        json.dump(content, handle, indent=1, sort_keys=True)
        handle.flush()
        os.fsync(handle.fileno())
    partial.replace(path)
