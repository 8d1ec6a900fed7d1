"""A secret is found in whatever usual encoding it stands."""

from __future__ import annotations

import base64
import html
import json
import time
from collections.abc import Callable
from urllib.parse import quote

import pytest

from lvbench.generators.contract.secrets import Secrets

KEYS = ("sk-very-secret-0123", 'a"b\\c/d+e=f&g<h%i', "~?>~?>~?>")

ENCODINGS: dict[str, Callable[[str], str]] = {
    "itself": str,
    "upper": str.upper,
    "json": json.dumps,
    "json twice": lambda key: json.dumps(json.dumps(key)),
    "json, slashes escaped": lambda key: json.dumps(key).replace("/", "\\/"),
    "json, all escaped": lambda key: "".join(f"\\u{ord(c):04x}" for c in key),
    "url": lambda key: quote(key, safe=""),
    "url, lower": lambda key: quote(key, safe="").lower(),
    "url twice": lambda key: quote(quote(key, safe=""), safe=""),
    "html": html.escape,
    "html, numbers": lambda key: "".join(f"&#{ord(c)};" for c in key),
    "html, hex": lambda key: "".join(f"&#x{ord(c):X};" for c in key),
    "repr": repr,
    "hex": lambda key: key.encode().hex(),
    "hex, upper": lambda key: key.encode().hex().upper(),
    "hex, colons": lambda key: key.encode().hex(":"),
    "blanks": " ".join,
    "lines": "\r\n".join,
    "unseen": "\u200b".join,
    "zeros": "\0".join,
}
ENCODINGS |= {
    f"{encode.__name__} at {before}, {after} after, of {inner}": (
        lambda key, before=before, after=after, encode=encode, inner=inner: encode(  # type: ignore[misc]
            b"x" * before + ENCODINGS[inner](key).encode() + b"y" * after
        ).decode()
    )
    for encode in (base64.b64encode, base64.urlsafe_b64encode, base64.encodebytes)
    for before in range(4)
    for after in range(3)
    for inner in ("itself", "json", "url")
}


@pytest.mark.parametrize("key", KEYS)
def test_a_secret_is_found_in_every_encoding(key: str) -> None:
    secrets = Secrets([key])
    for name, encode in ENCODINGS.items():
        shown = secrets.shown(f"before {encode(key)} after")
        assert "***" in shown, name
        assert shown.startswith("before "), name
        assert shown.endswith(" after"), name
        # At most the letter that base64 shares with what stands before is left.
        assert len(shown) < len("before  after") + 8 + 5, (name, shown)


def test_what_basic_authorization_encodes_is_a_secret_too() -> None:
    secrets = Secrets([base64.b64encode(b"me:pass word").decode()])
    assert secrets.shown("no user me:pass word") == "no user ***"


def test_other_text_is_left() -> None:
    text = 'a "quiet" day \\ 100 % & <more> &amp; é'
    assert Secrets(["sk-very-secret"]).without(text) == text
    assert Secrets([]).without(text) == text
    assert Secrets([""]).without(text) == text


def test_what_is_shown_is_short_and_on_one_line() -> None:
    shown = Secrets(["sk-1"]).shown("no sk-1,\n\n\x1b[31m and 'sk-1'" + " sk-1 " * 400)
    assert shown.startswith("no ***, [31m and '***'")
    assert len(shown) < 310
    assert "sk-" not in shown


@pytest.mark.parametrize("before", range(65_500, 65_540, 3))
def test_no_part_of_a_secret_stands_where_a_long_text_is_cut(before: int) -> None:
    key = "sk-very-secret-0123"
    assert "sk" not in Secrets([key]).shown(" " * before + key)
    assert "sk" not in Secrets([key]).shown(" " * (before - 100) + "\\u0073" + key[1:] * 9)


@pytest.mark.parametrize("text", ["\\", "\\n", "s ", "sk-", "%25", "&amp;", "73", "c2", "n"])
def test_text_that_is_made_to_be_slow_takes_no_longer(text: str) -> None:
    secrets = Secrets(KEYS)
    started = time.process_time()
    secrets.shown(text * (70_000 // len(text)))
    assert time.process_time() - started < 2
