"""The key is shown and kept nowhere, wherever and however a service repeats it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.generators.hosted.raw_service import KEY, Asked, Raw, answer, chunked, failed

WRITTEN: dict[str, Callable[[str], str]] = {
    "itself": str,
    "json": lambda key: json.dumps(key)[1:-1],
    "url": lambda key: quote(key, safe=""),
    "base64": lambda key: base64.b64encode(key.encode()).decode(),
    "base64 of more": lambda key: base64.b64encode(f"Bearer {key}!".encode()).decode(),
    "base64 for addresses": lambda key: base64.urlsafe_b64encode(f"x{key}".encode()).decode(),
    "hex": lambda key: key.encode().hex(),
}
PLACES: dict[str, Callable[[Raw, str], None]] = {
    "reason phrase": lambda raw, key: raw.answers.update(submit=[answer(b"", f"401 bad {key}")]),
    "body of an error": lambda raw, key: raw.answers.update(
        submit=[answer(key.encode(), "400 Bad")]
    ),
    "JSON of an error": lambda raw, key: raw.answers.update(
        submit=[answer({"error": {"got": key}}, "400 Bad")]
    ),
    "body that is no JSON": lambda raw, key: raw.answers.update(poll=[answer(f"<{key}>".encode())]),
    "JSON that lacks a value": lambda raw, key: raw.answers.update(submit=[answer({"echo": key})]),
    "name of the job": lambda raw, key: raw.answers.update(submit=[answer({"id": f"job-{key}"})]),
    "reason of a failure": lambda raw, key: raw.answers.update(
        poll=[answer({"status": "failed", "error": {"header": key}})]
    ),
    "status": lambda raw, key: raw.answers.update(poll=[answer({"status": key})]),
    "address of the file": lambda raw, key: raw.answers.update(
        poll=[answer({"status": "done", "url": f"gopher://{key}/"})]
    ),
    "port of the file": lambda raw, key: raw.answers.update(
        poll=[answer({"status": "done", "url": f"http://127.0.0.1:{key}/"})]
    ),
    "redirect": lambda raw, key: raw.answers.update(
        file=[answer(b"", "302 Found", Location=f"gopher://{key}/")]
    ),
    "redirect's port": lambda raw, key: raw.answers.update(
        file=[answer(b"", "302 Found", Location=f"http://127.0.0.1:{key}/")]
    ),
    "header": lambda raw, key: raw.answers.update(
        submit=[answer(b"", "503 Wait", Retry_After=key, X_Echo=key, WWW_Authenticate=key)]
    ),
    "status line": lambda raw, key: raw.answers.update(submit=[[f"HTTP/1.1 {key}\r\n".encode()]]),
    "no HTTP": lambda raw, key: raw.answers.update(submit=[[f"{key}\r\n\r\n".encode()]]),
    "chunk's size": lambda raw, key: raw.answers.update(
        file=[[*chunked(ended=False), f"{key}\r\n".encode()]]
    ),
    "file": lambda raw, key: raw.answers.update(file=[answer(key.encode())]),
}


@pytest.mark.parametrize("place", PLACES)
def test_the_key_is_shown_and_kept_nowhere(
    raw: Raw, raw_hosted: Asked, tmp_path: Path, place: str
) -> None:
    for number, (name, write) in enumerate(WRITTEN.items()):
        raw.usual()
        raw.answers["file"] = [answer(b"", "404 None")]
        PLACES[place](raw, write(KEY))
        out = tmp_path / str(number)
        # A status that nobody knows is waited on.
        seconds = 0.2 if place == "status" else 10.0
        error = failed(raw_hosted(timeout_seconds=seconds, tries=1), out)
        kept = "".join(p.read_text() for p in out.rglob("*") if p.is_file())
        seen = f"{error} {kept}"
        for other, form in WRITTEN.items():
            # What base64 shares with its neighbours is a letter at each end.
            assert form(KEY)[2:-3].lower() not in seen.lower(), (name, other)
        assert error.__context__ is None
    assert "very" not in seen


def test_tokens_among_the_headers_are_not_shown(
    raw: Raw, raw_hosted: Asked, tmp_path: Path
) -> None:
    headers = {"X-Api-Token": "Bearer tok-9876", "X-Team": "blue"}
    raw.answers["submit"] = [answer(b"tok-9876 of blue", "400 Bad")]
    assert failed(raw_hosted(headers=headers), tmp_path).found == "HTTP 400 Bad: *** of blue"
