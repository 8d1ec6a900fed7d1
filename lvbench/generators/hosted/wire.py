"""One HTTP exchange, bounded in time and size from first to last byte."""

from __future__ import annotations

import io
import re
import socket
import string
import time
from collections.abc import Iterator, Mapping
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urljoin, urlsplit
from urllib.request import (
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    Request,
    build_opener,
)

_BLOCK = 1 << 16
_REDIRECTS = 5
_MOVED = frozenset({301, 302, 303, 307, 308})
# Headers that may follow a redirect to another host.
_NEUTRAL = frozenset({"accept"})


class CutError(HTTPException):
    """A response is truncated."""


class TooLargeError(Exception):
    """A response exceeds the size limit."""


class Clock:
    """The time limit of one call.

    Args:
        seconds: Time limit for the complete response.
        silence: Longest time without a byte.
    """

    def __init__(self, seconds: float, silence: float) -> None:
        self._silence = silence
        self.allow(seconds)

    def allow(self, seconds: float) -> None:
        """Set the time limit, from now on."""
        self._seconds = seconds
        self._ends = time.monotonic() + seconds

    def left(self) -> float:
        """Return how long the next read or write may take.

        Raises:
            TimeoutError: The time limit is exceeded.
        """
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"no complete response in {self._seconds:.3g} s")
        return min(left, self._silence)


def exchange(request: Request, clock: Clock) -> HTTPResponse:
    """Return the response to a request, its body unread.

    Redirects of a GET are followed. To another host, port or scheme only the Accept header is
    sent; cookies are not kept.

    Raises:
        HTTPError: The service responds with an error, or with a redirect that is not followed.
        OSError: It does not respond, or not in time.
        HTTPException: The response is not HTTP, or there are too many redirects.
    """
    opener = build_opener(_NotFollowed, _Timed(clock))
    for _ in range(_REDIRECTS + 1):
        try:
            answer: HTTPResponse = opener.open(request, timeout=clock.left())
            return answer
        except HTTPError as error:
            following = _redirected(request, error)
            if following is None:
                raise
            error.close()
            request = following
    raise HTTPException(f"more than {_REDIRECTS} redirects")


def blocks(answer: HTTPResponse, most_bytes: float, clock: Clock) -> Iterator[bytes]:
    """Yield the body of a response as it arrives.

    Raises:
        TooLargeError: It exceeds the size limit.
        CutError: It is shorter than the stated length.
        OSError: It does not arrive in time.
        HTTPException: The connection breaks.
    """
    size, declared = 0, None if answer.chunked else answer.length
    while declared is None or size < declared:
        if max(size, declared or 0) > most_bytes:
            raise TooLargeError(f"the response is larger than {most_bytes / 1e6:g} MB")
        clock.left()
        wanted = _BLOCK if declared is None else min(_BLOCK, declared - size)
        block = answer.read1(wanted)
        if not block:
            break
        size += len(block)
        yield block
    if declared is not None and size < declared:
        raise CutError(f"the response ends after {size} of {declared} bytes")


def bounded(answer: HTTPResponse) -> bool:
    """Return whether the service states the length of the body."""
    return answer.chunked or answer.length is not None


def same_origin(first: str, second: str) -> bool:
    """Return whether two URLs have the same origin."""
    one, other = urlsplit(first), urlsplit(second)
    return (one.scheme, one.netloc) == (other.scheme, other.netloc)


def build_request(url: str, data: bytes | None, headers: Mapping[str, str], method: str) -> Request:
    """Return a request.

    Raises:
        ValueError: The URL is not http or https, or a header is invalid.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"not an http or https URL: {url}")
    if re.search(r"[\r\n]", "".join((*headers, *headers.values()))):
        raise ValueError("a header contains a line end")
    # Blanks and non-ASCII characters are escaped; existing escapes are kept.
    return Request(quote(url, safe=string.punctuation), data, dict(headers), method=method)


def _redirected(request: Request, error: HTTPError) -> Request | None:
    """Return the request that follows a redirect; None if it is not to be followed."""
    place = error.headers.get("Location")
    if error.code not in _MOVED or place is None or request.get_method() != "GET":
        return None
    url = urljoin(request.full_url, place)
    # Unredirected headers, as that of the key, are not included.
    headers = dict(request.headers)
    if not same_origin(url, request.full_url):
        headers = {name: said for name, said in headers.items() if name.lower() in _NEUTRAL}
    try:
        return build_request(url, None, headers, "GET")
    except ValueError:
        return None


class _NotFollowed(HTTPRedirectHandler):
    """Leave redirects to `exchange`."""

    def redirect_request(self, *_: object) -> None:
        """Follow none."""


class _TimedReader(io.RawIOBase):
    """Read from a socket within the time limit."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, clock: Clock) -> None:
        self._raw, self._sock, self._clock = raw, sock, clock

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read available bytes into the buffer."""
        self._sock.settimeout(self._clock.left())
        read: int | None = self._raw.readinto(buffer)
        return read

    def close(self) -> None:
        """Close the socket's file too."""
        self._raw.close()
        super().close()


class _Answer(HTTPResponse):
    def __init__(self, sock: socket.socket, *given: Any, clock: Clock, **more: Any) -> None:
        super().__init__(sock, *given, **more)
        self.fp = io.BufferedReader(_TimedReader(self.fp.detach(), sock, clock))


class _Bounded(HTTPConnection):
    """A connection whose every step respects the time limit."""

    def __init__(self, *given: Any, clock: Clock, **more: Any) -> None:
        super().__init__(*given, **more)
        self._clock = clock
        self.response_class = partial(_Answer, clock=clock)  # type: ignore[assignment]

    def connect(self) -> None:
        """Connect within the remaining time."""
        self.timeout = self._clock.left()
        super().connect()

    def send(self, data: Any) -> None:
        """Send within the remaining time."""
        if self.sock is not None:
            self.sock.settimeout(self._clock.left())
        super().send(data)


class _BoundedTls(_Bounded, HTTPSConnection):
    pass


class _Timed(HTTPHandler, HTTPSHandler):
    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def http_open(self, req: Request) -> HTTPResponse:
        """Open a connection with the time limit."""
        return self.do_open(partial(_Bounded, clock=self._clock), req)

    def https_open(self, req: Request) -> HTTPResponse:
        """Open a connection with the time limit."""
        return self.do_open(partial(_BoundedTls, clock=self._clock), req)
