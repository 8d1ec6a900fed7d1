"""Keep secrets out of text that others wrote, in whatever usual encoding they stand there."""

from __future__ import annotations

import base64
import binascii
import functools
import html.entities
import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

_SHOWN = 300  # characters of a foreign text
_READ = 1 << 16
_MASK = "***"
_SHORTEST_CODED = 4  # what is shorter would be found in any text
_LONGEST_FORM = 16  # characters that one character of a secret may take, however it is written
# Line ends within a secret, as encoders put them there. Bounded, as all repetitions here are: text
# that is made to be slow takes no longer than other text.
_GAP = r"(?:\s|\\{1,4}[rn]){0,4}"
_HEX_GAP = r"(?:[\s:,-]|0x|\\{1,4}x){0,3}"
# Control characters that are no white space, and characters that nobody sees.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
# What base64 writes otherwise for addresses, in its own form or escaped once more.
_BASE64 = {"+": r"(?:\+|-|%2B)", "/": r"(?:\\{0,4}/|_|%2F)"}


def names_secret(name: str) -> bool:
    """Tell whether the name of a header or variable says that its value is a secret."""
    pattern = "auth|key|token|secret|cookie|pass|credential"
    return re.search(pattern, name, re.IGNORECASE) is not None


class Secrets:
    """Replace secrets in text.

    Found are a secret as it is, with any of its characters escaped as JSON, Python, HTML, addresses
    or quoted-printable do it (also twice, or with white space in between), in base64 of both
    alphabets at any place within what was encoded, and in hexadecimal. Letters' case is ignored.

    Args:
        values: The secrets, in ASCII; empty ones are left out.
    """

    def __init__(self, values: Iterable[str]) -> None:
        self._values = sorted({*_with_decoded(values)}, key=len, reverse=True)
        patterns = [pattern for value in self._values for pattern in _patterns(value)]
        self._pattern = re.compile("|".join(patterns), re.IGNORECASE) if patterns else None

    def without(self, text: str) -> str:
        """Return a text with `***` in place of every secret."""
        return text if self._pattern is None else self._pattern.sub(_MASK, text)

    def shown(self, text: str) -> str:
        """Return a text without secrets, on one line and short enough to be shown."""
        cut = len(text) > _READ
        text = self.without(" ".join(_UNSEEN.sub("", text[:_READ]).split()))
        if cut and self._values:
            # Its end may hold the beginning of a secret.
            text = text[: -_LONGEST_FORM * len(self._values[0])]
        return text if len(text) <= _SHOWN else f"{text[:_SHOWN]} ..."


def _with_decoded(values: Iterable[str]) -> Iterator[str]:
    """Yield the secrets, and what they say where they are base64, as in `Basic` authorization."""
    for value in filter(None, values):
        yield value
        try:
            decoded = base64.b64decode(value, validate=True).decode("ascii")
        except (binascii.Error, ValueError):
            continue
        if len(decoded) >= _SHORTEST_CODED and decoded.isprintable():
            yield decoded


def _patterns(value: str) -> Iterator[str]:
    """Yield what finds a secret: first all of a base64 text that holds it, then itself."""
    plain = dict.fromkeys((value, json.dumps(value)[1:-1], quote(value, safe="")))
    for text in plain:
        data = text.encode()
        for core in _base64_cores(data):
            yield _GAP.join(_BASE64.get(letter, letter) for letter in core) + "[A-Za-z0-9+/_=-]*"
        if len(data) >= _SHORTEST_CODED:
            yield _HEX_GAP.join(f"{byte:02x}" for byte in data)
    yield _GAP.join(_character(letter) for letter in value)


def _base64_cores(data: bytes) -> Iterator[str]:
    """Yield the letters that base64 writes for it alone, at each of three alignments."""
    for before in range(3):
        text = base64.b64encode(bytes(before) + data).decode().rstrip("=")
        # Letters at the edges are shared with what comes before and after.
        first = -(-8 * before // 6)
        last = len(text) - (1 if (before + len(data)) % 3 else 0)
        if last - first >= _SHORTEST_CODED:
            yield text[first:last]


def _character(letter: str) -> str:
    """Return a pattern of the usual ways to write a character."""
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
    """Return the names that HTML has for a character."""
    found: dict[str, list[str]] = {}
    for name, letter in html.entities.html5.items():
        if name.endswith(";"):
            found.setdefault(letter, []).append(name[:-1])
    return found
