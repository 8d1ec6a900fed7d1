"""Calls to a hosted model: retried with patience, in bounded time, and the key is never shown."""

from __future__ import annotations

import email.utils
import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPException, HTTPMessage
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener

_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_TURNED_AWAY = frozenset({429, 503})  # the service says that it has not begun
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 60.0
_BLOCK = 1 << 20
_SHOWN = 300


class CallError(Exception):
    """A call that gave no answer; its text is safe to show.

    Args:
        status: HTTP status; None where there was no answer at all.
        text: What was found.
    """

    def __init__(self, status: int | None, text: str) -> None:
        self.status = status
        super().__init__(text)


class LateError(Exception):
    """The time for a clip is over."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how often to try.

    Attributes:
        seconds: Longest time for all calls and waits together.
        call_seconds: Longest time for one answer.
        tries: How often a call is tried.
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
        value: What the header says.
    """

    key: str
    header: str
    value: str


class Client:
    """Call one service for one clip.

    Args:
        secret: The key; None where none is needed.
        headers: Headers of every call to the service.
        patience: How long and how often to try.
        sleep: Waits so many seconds.
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
        """Return the JSON of an answer.

        Args:
            method: HTTP method.
            url: Address.
            body: JSON to send.
            headers: Further headers.
            repeatable: Whether asking twice does no harm; otherwise a call is tried again only
                if the service turned it away.

        Raises:
            CallError: There is no answer, an error, or no JSON.
            LateError: The time is over.
        """
        sent = dict(self._headers) | {"Accept": "application/json"} | dict(headers or {})
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        request = self._request(url, data, sent, method, secret=True)
        text = self._tried(request, lambda answer: answer.read(), repeatable)
        try:
            return json.loads(text)
        except ValueError:
            raise CallError(
                None, f"no JSON: {self.safe(text.decode('utf-8', 'replace'))}"
            ) from None

    def save(self, url: str, path: Path, most_bytes: float, *, secret: bool) -> None:
        """Fetch a file; it appears when it is whole.

        Args:
            url: Address.
            path: File to write.
            most_bytes: Largest size.
            secret: Whether the key is sent: only to the service itself.

        Raises:
            CallError: There is no answer, an error, or too large a file.
            LateError: The time is over.
        """
        unfinished = path.with_name(f".{path.name}.{os.getpid()}.partial")

        def copied(answer: IO[bytes]) -> bytes:
            size = 0
            with unfinished.open("wb") as file:
                while block := answer.read(_BLOCK):
                    size += len(block)
                    if size > most_bytes:
                        raise CallError(None, f"the file is larger than {most_bytes / 1e6:g} MB")
                    file.write(block)
                    self._left()
            return b""

        headers = dict(self._headers) if secret else {}
        try:
            self._tried(self._request(url, None, headers, "GET", secret=secret), copied, True)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)

    def wait(self, seconds: float) -> None:
        """Wait, but not past the end.

        Raises:
            LateError: The time is over.
        """
        left = self._left()
        self._sleep(min(seconds, left))
        self._left()

    def safe(self, text: str) -> str:
        """Return a text without the key, short enough to be shown."""
        if self._secret is not None:
            text = text.replace(self._secret.key, "***")
        text = " ".join(text.split())
        return text if len(text) <= _SHOWN else f"{text[:_SHOWN]} ..."

    def _request(
        self, url: str, data: bytes | None, headers: Mapping[str, str], method: str, *, secret: bool
    ) -> Request:
        if urlsplit(url).scheme not in ("http", "https"):
            raise CallError(None, f"not an address of the web: {self.safe(url)}")
        request = Request(url, data, dict(headers), method=method)
        if secret and self._secret is not None:
            # Not redirected: urllib leaves such headers behind.
            request.add_unredirected_header(self._secret.header, self._secret.value)
        return request

    def _tried(
        self, request: Request, read: Callable[[IO[bytes]], bytes], repeatable: bool
    ) -> bytes:
        for number in range(self._patience.tries):
            wait = min(_FIRST_WAIT * 2**number, _LONGEST_WAIT)
            try:
                timeout = min(self._patience.call_seconds, self._left())
                with _opener().open(request, timeout=timeout) as answer:
                    return read(answer)
            except HTTPError as error:
                with error:
                    said = self.safe(error.read(_BLOCK).decode("utf-8", "replace"))
                failure = CallError(error.code, f"HTTP {error.code} {error.reason}: {said}")
                passing = _PASSING if repeatable else _TURNED_AWAY
                if error.code not in passing:
                    raise failure from None
                wait = _told(error.headers, wait)
            except (URLError, HTTPException, OSError) as error:
                cause = error.reason if isinstance(error, URLError) else error
                failure = CallError(None, self.safe(f"{type(error).__name__}: {cause}"))
                if not repeatable:
                    raise failure from None
            if number + 1 == self._patience.tries:
                break
            self.wait(wait)
        raise CallError(failure.status, f"{failure} (tried {self._patience.tries} times)")

    def _left(self) -> float:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise LateError
        return left


def same_origin(first: str, second: str) -> bool:
    """Tell whether two addresses are of one service."""
    one, other = urlsplit(first), urlsplit(second)
    return (one.scheme, one.netloc) == (other.scheme, other.netloc)


def _told(headers: Message | None, otherwise: float) -> float:
    """Return how many seconds a service asks to wait: a number or a date in Retry-After."""
    said = None if headers is None else headers.get("Retry-After")
    if said is None:
        return otherwise
    if said.strip().isdecimal():
        return float(said)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(said).timestamp() - time.time())
    except (TypeError, ValueError):
        return otherwise


class _ToTheWeb(HTTPRedirectHandler):
    """Follow redirects to addresses of the web alone."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        if urlsplit(newurl).scheme not in ("http", "https"):
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> OpenerDirector:
    return build_opener(_ToTheWeb)
