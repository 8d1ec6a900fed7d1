"""Fetch weights: whole, checked and under their final name, or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from lvbench.errors import MissingDependencyError, WeightsError
from lvbench.features.weights import Located, locate
from lvbench.features.weights_catalogue import Entry, WeightsFile, readable
from lvbench.features.weights_store import (
    checksums,
    hub_cache,
    locked,
    pin,
    pinned,
    weights_folder,
)

Progress = Callable[[int, int | None], None]

_BLOCK = 1 << 18
_TIMEOUT = 30.0
# A server that cuts each connection is given up after so many of them.
_ATTEMPTS = 4


def offline() -> bool:
    """Return whether HF_HUB_OFFLINE forbids all fetching."""
    return os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}


def pull(entry: Entry, progress: Progress = lambda done, total: None) -> Located:
    """Return an entry's file, fetched if it is not there yet.

    What lives on the Hub goes into the Hub's cache, the rest into LVBENCH_HOME. A file without a
    published sha256 is pinned. Several processes may pull the same entry at once.

    Args:
        entry: The catalogue's entry.
        progress: Is called with the bytes that are there and, where known, those to come.

    Raises:
        WeightsError: There is no address (`weights_missing`), no network (`weights_offline`), the
            connection was cut (`weights_download`), or the content is wrong (`weights_checksum`);
            then no file is left under its final name.
        MissingDependencyError: huggingface_hub is not installed.
    """
    with suppress(WeightsError):
        return locate(entry.name)
    file = entry.download
    if file is None:
        raise _failed(
            entry,
            "no address that lvbench may fetch it from",
            f"{entry.files[0].file}: {entry.files[0].what}",
            f"get it yourself, then give {entry.command}",
            "weights_missing",
        )
    if offline():
        raise _failed(
            entry,
            f"HF_HUB_OFFLINE is set; {readable(file.bytes)}, {file.identity}",
            file.address or "",
            "unset HF_HUB_OFFLINE, or copy the file here and give its folder as --weights",
            "weights_offline",
        )
    if file.hub is not None:
        path = _from_hub(entry, file)
        _refuse_wrong(entry, file, path)
    else:
        path = _from_url(entry, file, progress)
    return Located(path, checksums(path).sha256)


def _refuse_wrong(entry: Entry, file: WeightsFile, path: Path) -> None:
    """Remove a file that is not what the entry promises, and say so; pin what it leaves open."""
    found = checksums(path, remember=False)
    known = pinned(entry.name, file.file)
    right = file.matches(found) if file.checkable else known in (None, found.sha256)
    if not right:
        path.resolve().unlink()
        path.unlink(missing_ok=True)
        raise _failed(
            entry,
            f"sha256 {found.sha256}; wanted {file.identity if file.checkable else known}",
            file.address or "",
            "the publisher has changed the file: get the right one from somebody who has it, and "
            "give its folder as --weights",
            "weights_checksum",
        )
    if not file.checkable:
        pin(entry.name, file.file, found.sha256, file.address or "")


def _from_hub(entry: Entry, file: WeightsFile) -> Path:
    assert file.hub is not None
    try:
        from huggingface_hub import constants, hf_hub_download
    except ImportError as error:
        raise MissingDependencyError(
            f"fetch the weights '{entry.name}'",
            found=str(error),
            where="this Python environment",
            mend="in lvbench's folder: pip install -c constraints.txt -e '.[learned]'",
        ) from error
    try:
        # Asked first: the Hub's client words a missing network differently in each version.
        with suppress(HTTPError):
            urlopen(Request(constants.ENDPOINT, method="HEAD"), timeout=_TIMEOUT).close()
        fetched = hf_hub_download(
            file.hub.repo, file.hub.file, revision=file.hub.revision, cache_dir=hub_cache()
        )
    except URLError as error:
        raise _no_network(entry, file, error) from error
    # Whichever library the Hub's client speaks HTTP with: another one since its version 1.
    except Exception as error:
        raise _cut(entry, file, error) from error
    return Path(fetched)


def _from_url(entry: Entry, file: WeightsFile, progress: Progress) -> Path:
    target = weights_folder() / entry.name / file.file
    partial = target.with_name(f".{file.file}.partial")
    try:
        with locked(target):
            # Another process may have fetched it while this one waited.
            with suppress(WeightsError):
                return locate(entry.name).path
            resumed = _fetch(entry, file, partial, progress)
            try:
                _refuse_wrong(entry, file, partial)
            except WeightsError:
                if not resumed:
                    raise
                # What an earlier, cut download had left may be from another version.
                _fetch(entry, file, partial, progress)
                _refuse_wrong(entry, file, partial)
            _keep(partial, target)
    except OSError as error:
        raise _failed(
            entry,
            f"{type(error).__name__}: {error}",
            str(target),
            "free space, or set LVBENCH_HOME to a folder that can be written",
            "weights_download",
        ) from error
    return target


def _fetch(entry: Entry, file: WeightsFile, partial: Path, progress: Progress) -> bool:
    """Fetch a file to `partial`, going on where a cut left off; return whether any was there."""
    if not file.checkable:
        partial.unlink(missing_ok=True)
    resumed = partial.exists()
    error: Exception | None = None
    for _ in range(_ATTEMPTS):
        try:
            if _fetch_once(file.url or "", partial, progress):
                return resumed
        except HTTPError as failure:
            if failure.code != 416:
                raise _cut(entry, file, failure) from failure
            # There is more here than there: not a part of it.
            partial.unlink()
        except URLError as failure:
            raise _no_network(entry, file, failure) from failure
        except (HTTPException, TimeoutError, ConnectionError) as failure:
            error = failure
    raise _cut(entry, file, error)


def _fetch_once(url: str, partial: Path, progress: Progress) -> bool:
    """Read from one connection until it ends; return whether the file is whole."""
    done = partial.stat().st_size if partial.exists() else 0
    request = Request(url, headers={"Range": f"bytes={done}-"} if done else {})
    with urlopen(request, timeout=_TIMEOUT) as response:
        if response.status != 206:
            done = 0
        length = response.headers.get("Content-Length")
        total = None if length is None else done + int(length)
        with partial.open("ab" if done else "wb") as handle:
            progress(done, total)
            while block := response.read(_BLOCK):
                handle.write(block)
                done += len(block)
                progress(done, total)
    return total is None or done == total


def _keep(partial: Path, target: Path) -> None:
    with partial.open("rb") as handle:
        os.fsync(handle.fileno())
    partial.replace(target)


def _cut(entry: Entry, file: WeightsFile, error: Exception | None) -> WeightsError:
    return _failed(
        entry,
        "the connection was cut" if error is None else f"{type(error).__name__}: {error}",
        file.address or "",
        f"run it again, it goes on where it stopped: lvbench weights pull {entry.name}",
        "weights_download",
    )


def _no_network(entry: Entry, file: WeightsFile, error: URLError) -> WeightsError:
    return _failed(
        entry,
        f"no network ({error.reason}); {readable(file.bytes)}, {file.identity}",
        file.address or "",
        "pull where there is a network, copy the file here and give its folder as --weights",
        "weights_offline",
    )


def _failed(entry: Entry, found: str, where: str, mend: str, code: str) -> WeightsError:
    return WeightsError(
        f"fetch the weights '{entry.name}'", found=found, where=where, mend=mend, code=code
    )
