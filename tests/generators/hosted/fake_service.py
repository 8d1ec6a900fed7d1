"""A hosted model on this machine: it does as its script says, and remembers all calls."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

KEY = "sk-very-secret-0123"


@dataclass
class Call:
    """One call that came."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class Service:
    """What the service does; each list holds answers to be given once, before the usual one.

    An answer is a status, a JSON body (or bytes) and headers.
    """

    make: Callable[[dict[str, Any]], bytes]
    submit: list[tuple[int, Any, dict[str, str]]] = field(default_factory=list)
    poll: list[tuple[int, Any, dict[str, str]]] = field(default_factory=list)
    file: list[tuple[int, Any, dict[str, str]]] = field(default_factory=list)
    elsewhere: str = ""
    calls: list[Call] = field(default_factory=list)
    address: str = ""
    _jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    _named: dict[str, str] = field(default_factory=dict)

    def of(self, method: str, part: str) -> list[Call]:
        """Return the calls of a method to addresses that contain a part."""
        return [c for c in self.calls if c.method == method and part in c.path]

    def answer(self, call: Call) -> tuple[int, Any, dict[str, str]]:
        self.calls.append(call)
        if call.method == "POST":
            if self.submit:
                return self.submit.pop(0)
            key = call.headers.get("Idempotency-Key", str(len(self._jobs)))
            name = self._named.setdefault(key, f"job/{len(self._named)}")
            self._jobs[name] = call.body
            return 201, {"data": {"id": name}}, {}
        if "/files/" in call.path:
            if self.file:
                return self.file.pop(0)
            number = call.path.rpartition("/")[2]
            return 200, self.make(self._jobs[f"job/{number}"]), {}
        if self.poll:
            return self.poll.pop(0)
        number = call.path.rpartition("%2F")[2]
        url = f"{self.elsewhere or self.address}/files/{number}"
        return 200, {"data": {"status": "done", "output": [{"url": url}], "usd": 0.25}}, {}


@contextmanager
def serving(service: Service) -> Iterator[Service]:
    """Serve on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def handle_one(self) -> None:
            size = int(self.headers.get("Content-Length", 0))
            body = json.loads(self.rfile.read(size)) if size else None
            call = Call(self.command, self.path, dict(self.headers), body)
            status, content, headers = service.answer(call)
            data = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(data)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = handle_one  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def configuration(service: Service, **changes: Any) -> dict[str, Any]:
    """Return a configuration for the service."""
    content: dict[str, Any] = {
        "name": "fake",
        "licence": "none",
        "schedule": "first_only",
        "fps": 8,
        "key": {"environment": "FAKE_KEY"},
        "submit": {
            "url": f"{service.address}/v1/videos",
            "body": {
                "prompt": "{prompt}",
                "options": {"seconds": "{seconds}", "seed": "{seed}", "size": "{size}"},
            },
            "job": "data.id",
        },
        "poll": {
            "url": f"{service.address}/v1/videos/{{job}}",
            "status": "data.status",
            "done": ["done"],
            "failed": ["failed"],
            "refused": ["moderated"],
            "reason": "data.error",
            "price": "data.usd",
            "every_seconds": 0.01,
        },
        "download": {"path": "data.output.0.url"},
        "timeout_seconds": 60,
    }
    for key, value in changes.items():
        content[key] = {**content[key], **value} if isinstance(value, dict) else value
    return content


def rendered(folder: Path) -> Callable[[dict[str, Any]], bytes]:
    """Return a maker of clips, which reads what the body asks for."""

    def make(body: dict[str, Any]) -> bytes:
        import zlib

        from lvbench.video.encode import write_video
        from lvbench.world.clip import render_clip

        asked = body["options"]
        width, height = map(int, asked["size"].split("x"))
        seed = zlib.crc32(f"{body['prompt']} {asked['seed']}".encode())
        path = folder / f"{threading.get_ident()}.mp4"
        write_video(path, render_clip(asked["seconds"], 8, width, height, seed), 8, lossless=True)
        return path.read_bytes()

    return make
