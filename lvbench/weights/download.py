"""Fetch weights: complete, checked and under their final name, or not at all."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from queue import Empty, Full, Queue
from threading import Thread
from time import monotonic
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from lvbench.errors import WeightsError
from lvbench.weights.catalogue import ACCEPT, WeightsEntry, WeightsFile, hub_file, readable
from lvbench.weights.locate import Located, locate
from lvbench.weights.store import checksums, locked, weights_folder

Progress = Callable[[int, int | None], None]
# Status, and length of the body where it is declared.
_Head = tuple[int, int | None]

_BLOCK = 1 << 18
# In each window of seconds, headers included, at least this many bytes must come.
_WINDOW = 60.0
_LEAST = 1 << 16
# A server that cuts each connection is given up after this many of them.
_ATTEMPTS = 4
_LARGEST = 1 << 34
_HUB = "https://huggingface.co"
_POINTER = b"version https://git-lfs"


class _FailedError(Exception):
    """One address did not give the file.

    Args:
        reason: Why, in words.
        code: Code of the error, if every other address fails too.
    """

    def __init__(self, reason: str, code: str = "weights_download") -> None:
        super().__init__(reason)
        self.code = code


class _CutError(Exception):
    """A connection ended too early, or was too slow."""


def offline() -> bool:
    """Return whether HF_HUB_OFFLINE forbids all fetching."""
    return os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}


def pull(
    entry: WeightsEntry,
    progress: Progress = lambda done, total: None,
    say: Callable[[str], None] = lambda line: None,
    *,
    accept_noncommercial: bool = False,
) -> Located:
    """Return an entry's file, fetched into LVBENCH_HOME if it is not there yet.

    The addresses of the catalogue are tried in order. Several processes may pull the same entry
    at once. A file with the wrong content is kept under another name.

    Args:
        entry: The catalogue's entry.
        progress: Called with the bytes received and, where known, their total.
        say: Called with a line for each address that fails.
        accept_noncommercial: Fetch weights that are licensed for non-commercial use only.

    Raises:
        WeightsError: The licence was not accepted (`weights_licence`); there is no address
            (`weights_missing`) or no network (`weights_offline`); at every address the connection
            failed (`weights_download`) or, at one, the content was wrong (`weights_checksum`).
            No file is left under its final name.
    """
    with suppress(WeightsError):
        return locate(entry.name)
    file = entry.main
    if not file.addresses:
        raise _error(
            entry,
            "no address that lvbench may fetch it from",
            f"{file.file}: {file.what}",
            entry.command if entry.shipped else f"get it yourself, then give {entry.command}",
            "weights_missing",
        )
    if entry.licence.noncommercial and not accept_noncommercial:
        raise _error(
            entry,
            f"its licence, {entry.licence.weights}, allows non-commercial use only",
            file.addresses[0],
            f"if you accept that: lvbench weights pull {entry.name} {ACCEPT}",
            "weights_licence",
        )
    if offline():
        raise _error(
            entry,
            f"HF_HUB_OFFLINE is set; {readable(file.bytes)}, {file.identity}",
            file.addresses[0],
            "unset HF_HUB_OFFLINE, or copy the file here and give its folder as --weights",
            "weights_offline",
        )
    target = weights_folder() / entry.name / file.file
    try:
        with locked(target):
            # Another process may have fetched it while this one waited.
            with suppress(WeightsError):
                return locate(entry.name)
            _from_any(entry, file, target, progress, say)
    except OSError as error:
        raise _error(
            entry,
            f"{type(error).__name__}: {error}",
            str(target),
            "free space, or set LVBENCH_HOME to a folder that can be written",
            "weights_download",
        ) from error
    return Located(target, checksums(target).sha256)


def _from_any(
    entry: WeightsEntry,
    file: WeightsFile,
    target: Path,
    progress: Progress,
    say: Callable[[str], None],
) -> None:
    failures = {}
    for address in file.addresses:
        try:
            _from(_url(address), file, target, progress)
        except _FailedError as failure:
            say(f"{entry.name}: {address} failed: {failure}")
            failures[address] = failure
        else:
            return
    codes = {failure.code for failure in failures.values()}
    if "weights_checksum" in codes:
        code = "weights_checksum"
        fix = "copy the right file from another machine, and give its folder as --weights"
    elif codes == {"weights_offline"}:
        code = "weights_offline"
        fix = "pull where there is a network, copy the file here and give its folder as --weights"
    else:
        code = "weights_download"
        fix = f"run it again, it resumes where it stopped: {entry.command}"
    reasons = "".join(f"\n    {address}: {failure}" for address, failure in failures.items())
    what = f"{file.file} ({readable(file.bytes)}, {file.identity})"
    raise _error(entry, f"no address gave {what}{reasons}", str(target), fix, code)


def _url(address: str) -> str:
    hub = hub_file(address)
    if hub is None:
        return address
    server = os.environ.get("HF_ENDPOINT") or _HUB
    return f"{server.rstrip('/')}/{hub.repo}/resolve/{hub.revision}/{hub.file}"


def _from(url: str, file: WeightsFile, target: Path, progress: Progress) -> None:
    """Fetch a file from one address, and give it its final name if its content is right."""
    partial = target.with_name(f".{file.file}.partial")
    resumed = partial.exists()
    _fetch(url, file, partial, progress)
    found = checksums(partial, remember=False)
    if resumed and not file.matches(found):
        # The rest of an earlier, cut download may be from another version.
        partial.unlink()
        _fetch(url, file, partial, progress)
        found = checksums(partial, remember=False)
    if file.matches(found):
        with partial.open("rb") as handle:
            os.fsync(handle.fileno())
        partial.replace(target)
        return
    with partial.open("rb") as handle:
        if handle.read(len(_POINTER)) == _POINTER:
            partial.unlink()
            raise _FailedError("a Git LFS pointer came instead of the file")
    wrong = target.with_name(f"{target.name}.wrong-{found.sha256[:8]}")
    partial.replace(wrong)
    came = found.sha256 if file.sha256 else f"{found.sha256}, git blob {found.git_blob}"
    raise _FailedError(
        f"wrong content, sha256 {came}; wanted {file.identity}; kept as {wrong}", "weights_checksum"
    )


def _fetch(url: str, file: WeightsFile, partial: Path, progress: Progress) -> None:
    """Fetch a file to `partial`; resume after a cut while each connection brings more."""
    for _ in range(_ATTEMPTS):
        before = _size(partial)
        try:
            if _fetch_once(url, file, partial, progress):
                return
            reason = "the connection was cut"
        except _CutError as cut:
            reason = str(cut)
        if before and not partial.exists():
            continue
        if _size(partial) <= before:
            break
    raise _FailedError(f"{reason}, after {_size(partial)} bytes")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _fetch_once(url: str, file: WeightsFile, partial: Path, progress: Progress) -> bool:
    """Read from one connection until it ends; return whether the file is complete."""
    done = _size(partial)
    answer = _Answer(url, done)
    status, length = answer.head()
    if status == 416:
        # The partial file is longer than the server's: it is another file.
        partial.unlink(missing_ok=True)
        return False
    if status != 206:
        done = 0
    total = file.size if length is None else done + length
    most = 2 * (file.bytes or _LARGEST) + _BLOCK
    with partial.open("ab" if done else "wb") as handle:
        progress(done, total)
        while block := answer.block():
            handle.write(block)
            done += len(block)
            progress(done, total)
            if done > most:
                partial.unlink()
                raise _FailedError(f"more than {most} bytes came; wanted {readable(file.bytes)}")
    return total is None or done == total


class _Answer:
    """A server's answer, read in a thread of its own.

    So a server that sends little, or nothing, or endless headers, is left after a time limit.

    Args:
        url: The requested file.
        begin: Its first requested byte.
    """

    def __init__(self, url: str, begin: int) -> None:
        self._came: Queue[_Head | bytes | Exception] = Queue(64)
        self._due, self._bytes = monotonic() + _WINDOW, 0
        Thread(target=self._read, args=(url, begin), daemon=True).start()

    def head(self) -> _Head:
        """Return the status, and the length of the body where it is declared."""
        head = self._next()
        assert isinstance(head, tuple)
        return head

    def block(self) -> bytes:
        """Return the next bytes of the body; none at its end."""
        block = self._next()
        assert isinstance(block, bytes)
        self._bytes += len(block)
        if block and monotonic() >= self._due:
            if self._bytes < _LEAST:
                raise _CutError(f"only {self._bytes} bytes came in {_WINDOW:g} s")
            self._due, self._bytes = monotonic() + _WINDOW, 0
        return block

    def _next(self) -> _Head | bytes:
        try:
            item = self._came.get(timeout=max(0.0, self._due - monotonic()))
        except Empty:
            raise _CutError(f"only {self._bytes} bytes came in {_WINDOW:g} s") from None
        if isinstance(item, Exception):
            raise item
        return item

    def _read(self, url: str, begin: int) -> None:
        # No reader takes from a full queue any more: the answer was left.
        with suppress(Full):
            try:
                for item in _items(url, begin):
                    self._came.put(item, timeout=_WINDOW)
            except HTTPError as error:
                refused = error.code != 416
                self._came.put(_FailedError(_refusal(error)) if refused else (416, 0))
            except URLError as error:
                self._came.put(_FailedError(f"no network ({error.reason})", "weights_offline"))
            except (OSError, HTTPException, ValueError) as error:
                self._came.put(
                    _CutError(f"the connection was cut ({type(error).__name__}: {error})")
                )


def _items(url: str, begin: int) -> Iterator[_Head | bytes]:
    """Yield the head of an answer, the blocks of its body, and an empty one."""
    headers = {"User-Agent": "lvbench", **({"Range": f"bytes={begin}-"} if begin else {})}
    with urlopen(Request(url, headers=headers), timeout=_WINDOW) as response:
        length = response.headers.get("Content-Length")
        yield response.status, None if length is None else int(length)
        while block := response.read1(_BLOCK):
            yield block
    yield b""


def _refusal(error: HTTPError) -> str:
    """Return a server's refusal with the beginning of its text, without markup."""
    text = ""
    with suppress(OSError, HTTPException):
        text = re.sub(r"<[^>]*>", " ", error.read(2000).decode("utf-8", "replace"))
    said = f"HTTP {error.code} {error.reason}: {text}"
    said = "".join(letter if letter.isprintable() else " " for letter in said)
    return " ".join(said.split())[:200].rstrip(" :")


def _error(entry: WeightsEntry, found: str, where: str, fix: str, code: str) -> WeightsError:
    return WeightsError(
        f"fetch the weights '{entry.name}'", found=found, where=where, fix=fix, code=code
    )
