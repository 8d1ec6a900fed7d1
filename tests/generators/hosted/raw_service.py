"""A service that speaks byte by byte: it breaks off, drips, and says what no library would."""

from __future__ import annotations

import json
import socketserver
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lvbench.errors import GeneratorError
from lvbench.generators.contract.base import Request
from lvbench.generators.hosted.hosted import Hosted
from lvbench.video.encode import write_video
from lvbench.video.manifest.entry import Prompt

KEY = 'sk-"very"\\secret/0123+45'
REQUEST = Request("boat", (Prompt(text="a boat"),), 1.0, 8.0, 64, 48, 7)
CONTAINERS = ("mp4", "webm", "mkv", "ts", "gif", "avi", "fragmented.mp4")

Asked = Callable[..., Hosted]
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
            "timeout_seconds": 10.0,
            "call_seconds": 5.0,
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


def filmed(folder: Path) -> dict[str, bytes]:
    """Return a clip of one second in every container."""
    import av

    noise = np.random.default_rng(0).integers(0, 255, (8, 48, 64, 3), np.uint8)
    write_video(folder / "whole.mp4", [noise], 8.0)
    codecs = {"webm": "libvpx", "gif": "gif", "avi": "mpeg4"}
    fragmented = {"movflags": "frag_keyframe+empty_moov", "frag_duration": "200000"}
    for name in CONTAINERS:
        codec = codecs.get(name, "libx264")
        options = fragmented if name.startswith("frag") else {}
        with av.open(str(folder / f"x.{name}"), "w", options=options) as output:
            stream: Any = output.add_stream(codec, rate=8)
            stream.width, stream.height = 64, 48
            stream.pix_fmt = "rgb8" if name == "gif" else "yuv420p"
            if codec == "libx264":
                stream.options = {"bf": "0", "g": "2"}
            for picture in noise:
                output.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
            output.mux(stream.encode())
    return {name: (folder / f"x.{name}").read_bytes() for name in CONTAINERS}


def failed(generator: Hosted, folder: Path) -> GeneratorError:
    """Return the error of a clip, of which nothing but the job is left."""
    with pytest.raises(GeneratorError) as caught:
        generator.make(REQUEST, folder / "out" / "boat.mp4")
    left = {path.name for path in (folder / "out").iterdir()}
    assert left <= {"boat.job.json", "requests.nonce"}
    return caught.value
