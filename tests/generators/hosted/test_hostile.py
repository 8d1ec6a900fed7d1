"""A service that breaks off, drips or leads elsewhere does no harm."""

from __future__ import annotations

import json
import resource
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lvbench.errors import StorageError
from tests.generators.hosted.raw_service import (
    CONTAINERS,
    KEY,
    REQUEST,
    Asked,
    Raw,
    answer,
    chunked,
    drip,
    failed,
    speaking,
)

# A download that ends early.


@pytest.mark.parametrize("name", CONTAINERS)
def test_half_a_file_is_fetched_again_and_not_paid_for_again(
    raw: Raw, raw_hosted: Asked, tmp_path: Path, films: dict[str, bytes], name: str
) -> None:
    film = films[name]
    cut = film[: len(film) // 2]
    raw.answers["file"] = [answer(cut, length=len(film)), answer(film)]
    clip = raw_hosted().make(REQUEST, tmp_path / "boat.mp4")
    assert clip.path.read_bytes() == film
    assert clip.cost["price"] == 0.25
    assert len(raw.of("file")) == 2
    assert len(raw.of("submit")) == 1


def broken_off(film: bytes) -> dict[str, list[bytes | float]]:
    """Return answers that hold the first half of a film."""
    cut = film[: len(film) // 2]
    return {
        "length": answer(cut, length=len(film)),
        "chunks": chunked(cut, ended=False),
        "within a chunk": [*chunked(ended=False), b"%x\r\n" % len(film), cut],
        "a length that fits": answer(cut),
        "no length": answer(cut, length=None),
        "chunks that end": chunked(cut[:100], cut[100:]),
    }


@pytest.mark.parametrize("way", list(broken_off(b"")))
def test_half_a_file_is_never_a_clip(
    raw: Raw, raw_hosted: Asked, tmp_path: Path, films: dict[str, bytes], way: str
) -> None:
    raw.answers["file"] = [broken_off(films["mp4"])[way]]
    error = failed(raw_hosted(), tmp_path)
    assert error.code == "generator_failed"
    assert "ends" in error.found or "IncompleteRead" in error.found
    assert len(raw.of("file")) == 2
    # Another call downloads again; the job is not paid for again.
    raw.answers["file"] = [answer(films["mp4"])]
    assert raw_hosted().make(REQUEST, tmp_path / "out" / "boat.mp4").path.exists()
    assert len(raw.of("submit")) == 1


@pytest.mark.parametrize("way", ["length", "chunks", "within a chunk", "no length"])
def test_half_a_stream_that_no_container_ends_is_never_a_clip(
    raw: Raw, raw_hosted: Asked, tmp_path: Path, films: dict[str, bytes], way: str
) -> None:
    film = films["ts"]
    packets = len(film) // 188 // 2
    raw.answers["file"] = [broken_off(film[: 2 * packets * 188])[way]]
    error = failed(raw_hosted(), tmp_path)
    assert error.code == ("clip_truncated" if way == "no length" else "generator_failed")
    assert way != "no length" or "of 1 s, and the service does not state its length" in error.found


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_whole_file_of_unknown_length_is_a_clip(
    raw: Raw, raw_hosted: Asked, tmp_path: Path, films: dict[str, bytes], name: str
) -> None:
    raw.answers["file"] = [answer(films[name], length=None)]
    assert raw_hosted().make(REQUEST, tmp_path / "boat.mp4").path.read_bytes() == films[name]


def test_what_follows_the_file_is_not_read(
    raw: Raw, raw_hosted: Asked, tmp_path: Path, films: dict[str, bytes]
) -> None:
    film = films["mp4"]
    raw.answers["file"] = [[*answer(film), b"and more"]]
    assert raw_hosted().make(REQUEST, tmp_path / "boat.mp4").path.read_bytes() == film


def test_a_full_disk_is_not_the_service_s_fault(
    raw: Raw, raw_hosted: Asked, tmp_path: Path, films: dict[str, bytes]
) -> None:
    """A limit on file size stands in for a full disk."""
    raw.answers["file"] = [answer(films["mp4"] * 50)]
    kept = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, kept[1]))
    try:
        with pytest.raises(StorageError) as caught:
            raw_hosted().make(REQUEST, tmp_path / "out" / "boat.mp4")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, kept)
    assert caught.value.code == "disk_full"
    assert len(raw.of("file")) == 1


# Limits of time and size.

HEAD = b"HTTP/1.1 200 OK\r\nX-A: "


@pytest.mark.parametrize("part", ["submit", "file"])
@pytest.mark.parametrize(
    "pieces",
    [
        lambda: drip(HEAD),
        lambda: drip(b"HTTP/1.1 200 OK\r\n\r\n"),
        lambda: drip(b"HTTP/1.1 500 No\r\n\r\n"),
        lambda: [b"HTTP/1.1 200 OK\r\n", 5.0],
        lambda: [answer(b"", length=10)[0], 5.0],
        lambda: [b"HTTP/1.1 100 Continue\r\n\r\n" if i % 2 else 0.05 for i in range(10**6)],
        lambda: drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"),
    ],
    ids=["head", "body", "error", "silent head", "silent body", "continue", "chunks"],
)  # fmt: skip
def test_time_binds_from_the_first_byte_to_the_last(
    raw: Raw, raw_hosted: Asked, tmp_path: Path, part: str, pieces: Callable[[], Any]
) -> None:
    raw.answers["file"] = [answer(b"")]
    raw.answers[part] = [pieces() for _ in range(9)]
    generator = raw_hosted(timeout_seconds=0.5, call_seconds=0.2)
    started = time.monotonic()
    error = failed(generator, tmp_path)
    assert time.monotonic() - started < 1.2
    assert error.code in ("generator_timeout", "generator_failed")


def test_time_binds_while_a_secure_connection_is_made(
    raw: Raw, raw_hosted: Asked, tmp_path: Path
) -> None:
    """A service that takes the connection, and says no more."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        generator = raw_hosted(submit={"url": url, "body": {}, "job": "id"}, timeout_seconds=0.5)
        started = time.monotonic()
        assert failed(generator, tmp_path).code == "generator_timeout"
    assert time.monotonic() - started < 1.2


@pytest.mark.parametrize("part", ["submit", "poll"])
def test_an_answer_that_does_not_end_is_refused(
    raw: Raw,
    raw_hosted: Asked,
    tmp_path: Path,
    part: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lvbench.generators.hosted.client._MOST_JSON", 1e6)
    raw.answers[part] = [[b"HTTP/1.1 200 OK\r\n\r\n", *[b"[" * 65536] * 10**4]]
    assert "larger than 1 MB" in failed(raw_hosted(), tmp_path).found


@pytest.mark.parametrize("length", [None, 3 * 10**6])
def test_a_file_that_is_too_large_is_refused(
    raw: Raw, raw_hosted: Asked, tmp_path: Path, length: int | None
) -> None:
    raw.answers["file"] = [answer(b"x" * 3 * 10**6, length=length)]
    assert "larger than 1 MB" in failed(raw_hosted(), tmp_path).found
    assert len(raw.of("file")) == 1


# Answers that no reader expects.


@pytest.mark.parametrize("part", ["submit", "poll"])
@pytest.mark.parametrize(
    "body",
    [
        b"[" * 10**5 + b"]" * 10**5,
        b'{"id": ' * 10**5 + b"1" + b"}" * 10**5,
        b'{"id": ' + b"9" * 10**4 + b"}",
        b"\xff\xfe",
        b"",
        b"null",
        b'{"id": {"a": 1}, "status": {"a": 1}}',
        b'{"id": "", "status": ""}',
        json.dumps({"id": "x" * 10**4, "status": "failed", "error": "x" * 10**6}).encode(),
    ],
    ids=["list", "mapping", "number", "bytes", "empty", "null", "nested", "blank", "long"],
)
def test_any_answer_is_the_failure_of_one_clip(
    raw: Raw, raw_hosted: Asked, tmp_path: Path, part: str, body: bytes
) -> None:
    raw.answers[part] = [answer(body)]
    endless = part == "poll" and body[:9] in (b'{"id": {"', b'{"id": ""')
    error = failed(raw_hosted(timeout_seconds=0.3 if endless else 10.0), tmp_path)
    assert error.code in ("generator_failed", "generator_timeout")
    assert len(str(error)) < 800


@pytest.mark.parametrize("depth", [100, 10**5])
def test_an_answer_nested_deep_is_refused_by_name(
    raw: Raw, raw_hosted: Asked, tmp_path: Path, depth: int
) -> None:
    nested = '{"id": "7", "more": ' + "[" * depth + "]" * depth + "}"
    raw.answers["submit"] = [answer(nested.encode())]
    assert "nested deeper than 64" in failed(raw_hosted(), tmp_path).found


@pytest.mark.parametrize("price", ["NaN", "Infinity", "1" * 400, '"free"', "[]"])
def test_a_price_that_is_none_is_left_out(
    raw: Raw, raw_hosted: Asked, tmp_path: Path, films: dict[str, bytes], price: str
) -> None:
    said = f'{{"status": "done", "url": "{raw.address}/file", "price": {price}}}'
    raw.answers["poll"] = [answer(said.encode())]
    raw.answers["file"] = [answer(films["mp4"])]
    assert "price" not in raw_hosted().make(REQUEST, tmp_path / "boat.mp4").cost


@pytest.mark.parametrize("wait", ["9" * 400, "Mon, 01 Jan 0001 00:00:00 -2359", "-5", "\xb2"])
def test_any_time_to_wait_is_taken(raw: Raw, raw_hosted: Asked, tmp_path: Path, wait: str) -> None:
    raw.answers["submit"] = [answer(b"", "503 Wait", Retry_After=wait)]
    assert "HTTP 503" in failed(raw_hosted(), tmp_path).found


# Redirects.


@pytest.mark.parametrize("part", ["poll", "file"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_header_of_ours_follows_a_redirect_to_another_host(
    raw: Raw, raw_hosted: Asked, tmp_path: Path, films: dict[str, bytes], part: str, status: int
) -> None:
    raw.answers["file"] = [answer(films["mp4"])]
    with speaking(Raw()) as other:
        other.answers = {"there": raw.answers[part]}
        moved = answer(b"", f"{status} Moved", Location=f"{other.address}/there", Set_Cookie="a=b")
        raw.answers[part] = [moved]
        raw_hosted().make(REQUEST, tmp_path / "boat.mp4")
    [call] = other.calls
    names = {line.partition(":")[0].lower() for line in call.split("\r\n")[1:] if line}
    assert names <= {"host", "user-agent", "accept", "accept-encoding", "connection"}
    for said in (KEY, "team-token", "cookie-0123", "session", "a=b"):
        assert said not in call
    assert "team-token-0123" in raw.of(part)[0]


def test_headers_go_along_within_the_service_but_the_key_does_not(
    raw: Raw, raw_hosted: Asked, tmp_path: Path, films: dict[str, bytes]
) -> None:
    raw.answers["file"] = [answer(b"", "302 Found", Location="/there")]
    raw.answers["there"] = [answer(films["mp4"])]
    raw_hosted().make(REQUEST, tmp_path / "boat.mp4")
    [call] = raw.of("there")
    assert "team-token-0123" in call
    assert KEY not in call


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_what_is_submitted_is_sent_nowhere_else(
    raw: Raw, raw_hosted: Asked, tmp_path: Path, status: int
) -> None:
    with speaking(Raw()) as other:
        there = f"{other.address}/submit"
        raw.answers["submit"] = [answer(b"", f"{status} Moved", Location=there)]
        assert f"HTTP {status} Moved (to {there})" in failed(raw_hosted(), tmp_path).found
    assert not other.calls


def test_redirects_end(raw: Raw, raw_hosted: Asked, tmp_path: Path) -> None:
    raw.answers["file"] = [answer(b"", "302 Found", Location="/file")]
    assert "more than 5 redirects" in failed(raw_hosted(tries=1), tmp_path).found
    assert len(raw.of("file")) == 6


# One request, one clip, one price.


def test_requests_of_one_body_are_several_and_folders_too(
    raw: Raw, raw_hosted: Asked, tmp_path: Path, films: dict[str, bytes]
) -> None:
    raw.answers["file"] = [answer(films["mp4"])]
    asked = [
        REQUEST,
        replace(REQUEST, seed=8),
        replace(REQUEST, id="other"),
        replace(REQUEST, sample=1),
    ]
    for folder in ("a", "b"):
        for number, request in enumerate(asked):
            raw_hosted().make(request, tmp_path / folder / f"{number}.mp4")
    names = [call.lower().partition("idempotency-key: ")[2][:32] for call in raw.of("submit")]
    assert len(set(names)) == 8


def test_a_job_that_is_given_twice_is_paid_once(
    raw: Raw, raw_hosted: Asked, tmp_path: Path, films: dict[str, bytes]
) -> None:
    raw.answers["file"] = [answer(films["mp4"])]
    first = raw_hosted().make(REQUEST, tmp_path / "a.mp4")
    second = raw_hosted().make(replace(REQUEST, seed=8), tmp_path / "b.mp4")
    assert first.cost["price"] == 0.25
    assert "price" not in second.cost
