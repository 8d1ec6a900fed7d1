"""Mask secrets in foreign text, in every common encoding."""

from __future__ import annotations

import base64
import binascii
import functools
import html.entities
import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

_SHOWN = 300  # characters shown of a foreign text
_READ = 1 << 16
_MASK = "***"
_SHORTEST_CODED = 4  # a shorter secret would match ordinary text
_LONGEST_FORM = 16  # most characters that encode one character of a secret
# Line ends inside a secret, as encoders insert them. All repetitions are bounded, so that hostile
# text cannot make matching slow.
_GAP = r"(?:\s|\\{1,4}[rn]){0,4}"
_HEX_GAP = r"(?:[\s:,-]|0x|\\{1,4}x){0,3}"
# Control characters other than white space, and invisible characters.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
# Characters that differ between the base64 alphabets, plain or escaped again.
_BASE64 = {"+": r"(?:\+|-|%2B)", "/": r"(?:\\{0,4}/|_|%2F)"}


def names_secret(name: str) -> bool:
    """Return whether the name of a header or variable suggests a secret value."""
    pattern = "auth|key|token|secret|cookie|pass|credential"
    return re.search(pattern, name, re.IGNORECASE) is not None


class Secrets:
    """Mask secrets in text.

    A secret is found as plain text, with any of its characters escaped as in JSON, Python, HTML,
    URLs or quoted-printable (also twice, or with white space in between), in base64 of both
    alphabets at any offset, and in hexadecimal. Case is ignored.

    Args:
        values: The secrets, in ASCII; empty ones are ignored.
    """

    def __init__(self, values: Iterable[str]) -> None:
        self._values = sorted({*_with_decoded(values)}, key=len, reverse=True)
        patterns = [pattern for value in self._values for pattern in _patterns(value)]
        self._pattern = re.compile("|".join(patterns), re.IGNORECASE) if patterns else None

    def without(self, text: str) -> str:
        """Return the text with `***` in place of every secret."""
        return text if self._pattern is None else self._pattern.sub(_MASK, text)

    def shown(self, text: str) -> str:
        """Return the text without secrets, on one line and shortened for display."""
        cut = len(text) > _READ
        text = self.without(" ".join(_UNSEEN.sub("", text[:_READ]).split()))
        if cut and self._values:
            # Its end may contain the beginning of a secret.
            text = text[: -_LONGEST_FORM * len(self._values[0])]
        return text if len(text) <= _SHOWN else f"{text[:_SHOWN]} ..."


def _with_decoded(values: Iterable[str]) -> Iterator[str]:
    """Yield the secrets, and their decoded form if they are base64, as in `Basic` authorization."""
    for value in filter(None, values):
        yield value
        try:
            decoded = base64.b64decode(value, validate=True).decode("ascii")
        except (binascii.Error, ValueError):
            continue
        if len(decoded) >= _SHORTEST_CODED and decoded.isprintable():
            yield decoded


def _patterns(value: str) -> Iterator[str]:
    """Yield patterns for a secret: base64 text that contains it, hexadecimal, then itself."""
    plain = dict.fromkeys((value, json.dumps(value)[1:-1], quote(value, safe="")))
    for text in plain:
        data = text.encode()
        for core in _base64_cores(data):
            yield _GAP.join(_BASE64.get(letter, letter) for letter in core) + "[A-Za-z0-9+/_=-]*"
        if len(data) >= _SHORTEST_CODED:
            yield _HEX_GAP.join(f"{byte:02x}" for byte in data)
    yield _GAP.join(_character(letter) for letter in value)


def _base64_cores(data: bytes) -> Iterator[str]:
    """Yield the base64 characters that depend on `data` alone, at each of three alignments."""
    for before in range(3):
        text = base64.b64encode(bytes(before) + data).decode().rstrip("=")
        # Characters at the edges also depend on neighbouring data.
        first = -(-8 * before // 6)
        last = len(text) - (1 if (before + len(data)) % 3 else 0)
        if last - first >= _SHORTEST_CODED:
            yield text[first:last]


def _character(letter: str) -> str:
    """Return a pattern of the common escapes of a character."""
    number = ord(letter)
    forms = [
        r"\\{1,4}" if letter == "\\" else rf"\\{{0,4}}{re.escape(letter)}",
        rf"%(?:25){{0,3}}{number:02x}",
        rf"\\{{1,4}}u\{{?0{{0,6}}{number:x}\}}?",
        rf"\\{{1,4}}x{number:02x}",
        rf"\\{{1,4}}{number:03o}",
        rf"&(?:amp;){{0,3}}#0{{0,6}}{number};?",
        rf"&(?:amp;){{0,3}}#x0{{0,6}}{number:x};?",
        rf"={number:02x}",
        *(rf"&(?:amp;){{0,3}}{name};?" for name in _entities().get(letter, ())),
    ]
    return f"(?:{'|'.join(forms)})"


@functools.cache
def _entities() -> dict[str, list[str]]:
    """Return the HTML entity names by character."""
    found: dict[str, list[str]] = {}
    for name, letter in html.entities.html5.items():
        if name.endswith(";"):
            found.setdefault(letter, []).append(name[:-1])
    return found
