"""HTTP client for a hosted model: retries with back-off, in bounded time."""

from __future__ import annotations

import email.utils
import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPException, HTTPResponse
from io import FileIO
from pathlib import Path
from typing import Any, TypeVar
from urllib.error import HTTPError, URLError
from urllib.request import Request

from lvbench.generators.hosted.wire import (
    Clock,
    CutError,
    TooLargeError,
    blocks,
    bounded,
    build_request,
    exchange,
)
from lvbench.reading import parse_json
from lvbench.results.files import storage_error
from lvbench.video.containers.container_end import missing_end

T = TypeVar("T")

_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_TURNED_AWAY = frozenset({429, 503})  # the service has not started the request
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 60.0
_MOST_JSON = 16_000_000


class CallError(Exception):
    """A failed call.

    Its texts are the service's own words and may contain the key.

    Args:
        status: HTTP status; None without a response.
        said: The failure in words.
        note: Text to show after it.
    """

    def __init__(self, status: int | None, said: str, note: str = "") -> None:
        self.status, self.said, self.note = status, said, note
        super().__init__(status)


class LateError(Exception):
    """The time limit of a clip is exceeded."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Limits of time and retries.

    Attributes:
        seconds: Time limit for all calls and waits together.
        call_seconds: Time limit for one response.
        tries: Attempts per call.
    """

    seconds: float
    call_seconds: float
    tries: int


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A key and the header that carries it.

    Attributes:
        key: The key.
        header: Name of the header.
        value: Value of the header.
    """

    key: str
    header: str
    value: str


class Client:
    """Call one service for one clip.

    Args:
        secret: The key; None if no key is needed.
        headers: Headers of every call to the service.
        patience: Limits of time and retries.
        sleep: Function that waits a number of seconds.
    """

    def __init__(
        self,
        secret: Secret | None,
        headers: Mapping[str, str],
        patience: Patience,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._secret, self._headers = secret, dict(headers)
        self._patience, self._sleep = patience, sleep
        self._ends = time.monotonic() + patience.seconds

    def json(
        self,
        method: str,
        url: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        *,
        repeatable: bool = True,
    ) -> Any:
        """Return the JSON of a response.

        Args:
            method: HTTP method.
            url: URL.
            body: JSON to send.
            headers: Further headers.
            repeatable: Whether the call is safe to repeat; otherwise it is retried only if the
                service rejected it before starting.

        Raises:
            CallError: No response, an error, too long a response, or no JSON.
            LateError: The time limit is exceeded.
        """
        sent = dict(self._headers) | {"Accept": "application/json"} | dict(headers or {})
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        request = self._request(url, data, sent, method, secret=True)

        def complete(answer: HTTPResponse, clock: Clock) -> bytes:
            return b"".join(blocks(answer, _MOST_JSON, clock))

        text = self._tried(request, complete, repeatable)
        try:
            return parse_json(text.decode("utf-8-sig"), _MOST_JSON, strict=False)
        except (json.JSONDecodeError, UnicodeDecodeError):
            raise CallError(None, f"not JSON: {text.decode('utf-8', 'replace')}") from None
        except ValueError as error:
            raise CallError(None, f"invalid JSON: {error}") from None

    def save(self, url: str, path: Path, most_bytes: float, *, secret: bool) -> bool:
        """Download a file, written atomically.

        Args:
            url: URL.
            path: File to write.
            most_bytes: Size limit.
            secret: Whether to send the key and the headers of every call: only to the service
                itself.

        Returns:
            Whether the service stated the length of the file.

        Raises:
            CallError: No response, an error, too large a file, or a truncated file at every
                attempt.
            LateError: The time limit is exceeded.
            StorageError: The file cannot be written.
        """
        unfinished = path.with_name(f".{path.name}.{os.getpid()}.partial")

        def copied(answer: HTTPResponse, clock: Clock) -> bool:
            clock.allow(self._left())
            with unfinished.open("wb", buffering=0) as file:
                for block in blocks(answer, most_bytes, clock):
                    _write(file, block, path)
            missing = missing_end(unfinished)
            if missing is not None:
                raise CutError(f"the file ends early: {missing}")
            return bounded(answer)

        headers = dict(self._headers) if secret else {}
        try:
            request = self._request(url, None, headers, "GET", secret=secret)
            known = self._tried(request, copied, True)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
        return known

    def wait(self, seconds: float) -> None:
        """Wait, at most until the time limit.

        Raises:
            LateError: The time limit is exceeded.
        """
        left = self._left()
        self._sleep(min(seconds, left))
        self._left()

    def _request(
        self, url: str, data: bytes | None, headers: Mapping[str, str], method: str, *, secret: bool
    ) -> Request:
        try:
            request = build_request(url, data, headers, method)
        except ValueError as error:
            raise CallError(None, str(error)) from None
        if secret and self._secret is not None:
            # urllib does not send such headers along redirects.
            request.add_unredirected_header(self._secret.header, self._secret.value)
        return request

    def _tried(
        self, request: Request, read: Callable[[HTTPResponse, Clock], T], repeatable: bool
    ) -> T:
        for number in range(self._patience.tries):
            wait = min(_FIRST_WAIT * 2**number, _LONGEST_WAIT)
            seconds = self._patience.call_seconds
            clock = Clock(min(seconds, self._left()), seconds)
            try:
                with exchange(request, clock) as answer:
                    return read(answer, clock)
            except HTTPError as error:
                failure = _error_of(error, clock)
                if error.code not in (_PASSING if repeatable else _TURNED_AWAY):
                    raise failure from None
                wait = _retry_after(error.headers, wait)
            except TooLargeError as error:
                raise CallError(None, str(error)) from None
            except (URLError, HTTPException, OSError, ValueError) as error:
                cause = error.reason if isinstance(error, URLError) else error
                late = (
                    isinstance(cause, TimeoutError) and f"no complete response within {seconds:g} s"
                )
                failure = CallError(None, late or str(cause) or type(cause).__name__)
                self._left()
                if not repeatable:
                    raise failure from None
            if number + 1 == self._patience.tries:
                break
            self.wait(wait)
        note = f" (tried {self._patience.tries} times)"
        raise CallError(failure.status, failure.said, note)

    def _left(self) -> float:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise LateError
        return left


def _write(file: FileIO, data: bytes, path: Path) -> None:
    try:
        while data:
            data = data[file.write(data) :]
    except OSError as error:
        raise storage_error(path, error) from error


def _error_of(error: HTTPError, clock: Clock) -> CallError:
    """Return the call error of an HTTP error, with the service's text."""
    answer = error.fp
    assert isinstance(answer, HTTPResponse)
    with error:
        try:
            text = b"".join(blocks(answer, _MOST_JSON, clock)).decode("utf-8", "replace")
        except (TooLargeError, HTTPException, OSError, ValueError):
            # A truncated text may end inside the key.
            text = "its text was incomplete"
    place = error.headers.get("Location")
    moved = "" if place is None else f" (to {place})"
    return CallError(error.code, f"HTTP {error.code} {error.reason}{moved}: {text}")


def _retry_after(headers: Message | None, otherwise: float) -> float:
    """Return the seconds to wait by Retry-After, a number or a date."""
    said = None if headers is None else headers.get("Retry-After")
    if said is None:
        return otherwise
    if said.strip().isdecimal():
        return float(said)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(said).timestamp() - time.time())
    except (TypeError, ValueError, OverflowError, OSError):
        return otherwise
