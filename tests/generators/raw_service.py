"""A service that speaks byte by byte: it breaks off, drips, and says what no library would."""

from __future__ import annotations

import json
import socketserver
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

Pieces = Iterable[bytes | float]
"""What is sent, and seconds of silence in between."""


@dataclass
class Raw:
    """What the service answers, by the first part of the path; the last answer is repeated.

    Attributes:
        answers: Pieces of answers, in order.
        calls: Heads of the requests that came.
        address: Where it is.
    """

    answers: dict[str, list[Pieces]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    address: str = ""

    def of(self, part: str) -> list[str]:
        """Return the requests to a path."""
        return [call for call in self.calls if f" /{part}" in call.partition("\r\n")[0]]

    def usual(self) -> None:
        """Have a job submitted and done; its file is at `/file`."""
        self.answers["submit"] = [answer({"id": "job-1"})]
        done = {"status": "done", "url": f"{self.address}/file", "price": 0.25}
        self.answers["poll"] = [answer(done)]

    def configuration(self, **changes: Any) -> dict[str, Any]:
        """Return the configuration of a generator that asks this service."""
        return {
            "name": "raw",
            "fps": 8,
            "key": {"environment": "RAW_KEY"},
            "headers": {"X-Team": "team-token-0123", "Cookie": "session=cookie-0123"},
            "submit": {
                "url": f"{self.address}/submit",
                "body": {"prompt": "{prompt}"},
                "job": "id",
            },
            "poll": {
                "url": f"{self.address}/poll/{{job}}",
                "status": "status",
                "done": ["done"],
                "failed": ["failed"],
                "reason": "error",
                "price": "price",
                "every_seconds": 0.01,
            },
            "download": {"path": "url", "most_megabytes": 1},
            "timeout_seconds": 1.0,
            "call_seconds": 0.3,
            "tries": 2,
        } | changes


def answer(
    body: Any, status: str = "200 OK", length: int | None = -1, **headers: str
) -> list[bytes | float]:
    """Return an answer in two pieces.

    Args:
        body: JSON, or bytes.
        status: Status and reason.
        length: Content-Length; the true one if negative, none if None.
        headers: Further headers.
    """
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    if length is not None:
        headers["Content-Length"] = str(len(data) if length < 0 else length)
    lines = [f"HTTP/1.1 {status}", *(f"{n.replace('_', '-')}: {v}" for n, v in headers.items())]
    return ["\r\n".join((*lines, "", "")).encode("latin-1"), data]


def chunked(*parts: bytes, ended: bool = True) -> list[bytes | float]:
    """Return an answer in chunks, with or without the last one."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks = [b"%x\r\n%b\r\n" % (len(part), part) for part in parts]
    return [head, *chunks, *([b"0\r\n\r\n"] if ended else [])]


def drip(*pieces: bytes, every: float = 0.05) -> Iterator[bytes | float]:
    """Yield bytes one by one, and then one again and again."""
    for byte in b"".join(pieces):
        yield bytes([byte])
        yield every
    while True:
        yield b"x"
        yield every


@contextmanager
def speaking(raw: Raw) -> Iterator[Raw]:
    """Serve on a free port of this machine."""
    over = threading.Event()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                line = self.rfile.readline()
                if not line:
                    return
                head += line
            size = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-len")]
            self.rfile.read(int(size[0].partition(b":")[2]) if size else 0)
            text = head.decode("latin-1")
            raw.calls.append(text)
            answers = raw.answers[text.split(" ")[1].strip("/").partition("/")[0]]
            pieces = answers.pop(0) if len(answers) > 1 else answers[0]
            with suppress(OSError):
                for piece in pieces:
                    if over.is_set():
                        return
                    if isinstance(piece, float):
                        time.sleep(piece)
                    else:
                        self.wfile.write(piece)

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Handler) as server:
        raw.address = f"http://127.0.0.1:{server.server_address[1]}"
        raw.usual()
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield raw
        finally:
            over.set()
            server.shutdown()
            thread.join()
