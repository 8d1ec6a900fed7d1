"""A local web server of files, which can cut its connections, and a catalogue of what it serves."""

from __future__ import annotations

import hashlib
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from safetensors.numpy import save

from lvbench.weights import catalogue as weights_catalogue
from lvbench.weights.catalogue import catalogue

Replace = Callable[..., None]


@dataclass
class Server:
    """What is served, how, and what was asked for.

    Attributes:
        files: Content by path.
        refusals: Status and body of what is refused, by path.
        cut_after: Bytes after which a connection is closed; None for never.
        ranges: Whether the rest of a file can be asked for.
        pause: Seconds before each body.
        drip: Seconds before each byte of a body; 0 for the body at once.
        slow_head: Send header lines without end, one each tenth of a second.
        asked: The `Range` header, or "", of each GET.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    refusals: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    cut_after: int | None = None
    ranges: bool = True
    pause: float = 0.0
    drip: float = 0.0
    slow_head: bool = False
    asked: list[str] = field(default_factory=list)
    address: str = ""


@contextmanager
def serving() -> Iterator[Server]:
    """Serve on a free port of this machine."""
    state = Server()
    stopped = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked.append(self.headers.get("Range", ""))
            with suppress(ConnectionError):
                for i in itertools.count() if state.slow_head and not stopped.is_set() else ():
                    self.wfile.write(b"HTTP/1.0 200 OK\r\n" if i == 0 else b"X-%d: x\r\n" % i)
                    if stopped.wait(0.1):
                        return
            body = self._headers()
            time.sleep(state.pause)
            sent = body[: state.cut_after]
            with suppress(ConnectionError):
                for part in (bytes([byte]) for byte in sent) if state.drip else [sent]:
                    self.wfile.write(part)
                    if state.drip and stopped.wait(state.drip):
                        return
            if state.cut_after is not None and len(body) > state.cut_after:
                self.close_connection = True

        def _headers(self) -> bytes:
            if self.path in state.refusals:
                status, body = state.refusals[self.path]
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                return body
            content = state.files.get(self.path)
            if content is None:
                self.send_error(404)
                return b""
            begin = 0
            if state.ranges and (asked := self.headers.get("Range")):
                begin = int(asked.removeprefix("bytes=").split("-")[0])
            if begin >= len(content):
                self.send_error(416)
                return b""
            self.send_response(206 if begin else 200)
            self.send_header("Content-Length", str(len(content) - begin))
            if begin:
                self.send_header(
                    "Content-Range", f"bytes {begin}-{len(content) - 1}/{len(content)}"
                )
            self.end_headers()
            return content[begin:]

        def log_message(self, *_: Any) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

    with Quiet(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        state.address = f"http://127.0.0.1:{server.server_port}"
        try:
            yield state
        finally:
            stopped.set()
            server.shutdown()
            thread.join()


def checkpoint(seed: int, values: int = 200_000) -> bytes:
    """Return a safetensors file of random weights."""
    rng = np.random.default_rng(seed)
    return save({"layer.weight": rng.standard_normal(values).astype(np.float32)})


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def git_blob(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def entry(*files: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a catalogue's entry of these files."""
    return {
        "what": "a network of the tests",
        "licence": {"code": "Apache-2.0", "weights": "Apache-2.0"},
        "normalisation": "none",
        "files": list(files),
        **more,
    }


def write_catalogue(path: Path, **entries: dict[str, Any]) -> Path:
    path.write_text(yaml.safe_dump(entries, sort_keys=False))
    return path


def own_caches(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Path:
    """Keep LVBENCH_HOME and the Hub's cache in a folder; return the former."""
    monkeypatch.setenv("LVBENCH_HOME", str(folder / "home"))
    monkeypatch.setenv("HF_HOME", str(folder / "hf"))
    for name in ("HF_HUB_CACHE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    return folder / "home"


@contextmanager
def replaced(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[Replace]:
    """Give a function that puts other entries in the catalogue's place, for a while."""

    def replace(**entries: dict[str, Any]) -> None:
        path = write_catalogue(folder / "catalogue.yaml", **entries)
        monkeypatch.setattr(weights_catalogue, "_CATALOGUE", path)
        catalogue.cache_clear()

    yield replace
    monkeypatch.undo()
    catalogue.cache_clear()
