"""Read untrusted files: regular files only, and within limits.

A fault of the content is a `ValueError` (of which `UnicodeDecodeError` is one), a refusal of the
system an `OSError`; the reader of each kind of file raises its own error for both.
"""

from __future__ import annotations

import json
import math
import os
import stat
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

MOST_BYTES = 256 << 20
"""Largest text file that lvbench reads."""

DEEPEST = 64
_MOST_CONTAINERS, _MOST_VALUES = 1_000_000, 20_000_000
_LONGEST_INTEGER = 40
_UNPACKED_BYTES = 64 << 20


def open_regular(path: str | Path, most: int | None = None) -> BinaryIO:
    """Open a regular file for reading; a pipe, a device or a socket never blocks the caller.

    Args:
        path: The file; links are followed.
        most: Largest size in bytes.

    Raises:
        OSError: The system does not open it.
        ValueError: It is no regular file, or larger than `most`.
    """
    # Before opening: opening alone can act on a device.
    _require_regular(Path(path).stat(), most)
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        _require_regular(os.fstat(handle), most)
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def _require_regular(facts: os.stat_result, most: int | None) -> None:
    if not stat.S_ISREG(facts.st_mode):
        raise ValueError("not a regular file")
    if most is not None and facts.st_size > most:
        raise ValueError(f"{facts.st_size} bytes, and at most {most} are read")


def require_bounded(path: str | Path) -> None:
    """Refuse a zip archive that unpacks to far more than its size; any other file passes.

    Raises:
        OSError: The system does not open it.
        ValueError: It would unpack to more than 64 MiB and four times its size, which no
            checkpoint does: its tensors are not compressed, only its code is.
    """
    with open_regular(path) as file:
        if not zipfile.is_zipfile(file):
            return
        with zipfile.ZipFile(file) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
        size = os.fstat(file.fileno()).st_size
    if unpacked > _UNPACKED_BYTES + 4 * size:
        raise ValueError(f"{size} bytes that unpack to {unpacked}")


def read_bytes(path: str | Path, most: int = MOST_BYTES) -> bytes:
    """Return the content of a regular file of at most `most` bytes; see `open_regular`."""
    with open_regular(path, most) as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise ValueError(f"more than {most} bytes")
    return content


def read_text(path: str | Path, most: int = MOST_BYTES) -> str:
    """Return the text of a UTF-8 file, without its byte order mark; see `open_regular`."""
    return read_bytes(path, most).decode("utf-8-sig")


def read_json(path: str | Path, most: int = MOST_BYTES) -> Any:
    """Return the content of a JSON file; see `open_regular` and `parse_json`."""
    return parse_json(read_text(path, most), most)


def lines_of(text: str) -> list[str]:
    """Return the lines of a JSONL text, separated by line feeds alone.

    `str.splitlines` also splits at U+2028, U+0085 and others, which JSON's strings may contain.
    """
    return text.removesuffix("\n").split("\n") if text else []


def jsonl(rows: Iterable[Any]) -> str:
    """Return rows as JSONL, one line each; NaN and infinity raise ValueError."""
    return "".join(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n" for row in rows)


def parse_json(text: str, most: int = MOST_BYTES, *, strict: bool = True) -> Any:
    """Return the content of JSON, bounded in time and memory.

    Args:
        text: The JSON.
        most: Largest number of characters.
        strict: Refuse what Python reads beyond the standard too: see below, from "a key twice"
            on. Answers of services are read without it: their results are paid for.

    Raises:
        ValueError: It is longer than `most` characters, no JSON, nested deeper than 64, of too
            many values, or contains a key twice in one object, NaN, infinity, an integer of more
            than 40 digits or half of a surrogate pair.
    """
    if len(text) > most:
        raise ValueError(f"{len(text)} characters, and at most {most} are read")
    if text.count("[") + text.count("{") > _MOST_CONTAINERS or text.count(",") > _MOST_VALUES:
        raise ValueError("more values than any file of lvbench has")
    try:
        content = json.loads(text, **(_STRICT if strict else {}))
    except RecursionError:
        raise ValueError(f"nested deeper than {DEEPEST}") from None
    _check(content, strict)
    if strict and "\\u" in text:
        check_text(content)
    return content


def _check(content: Any, strict: bool) -> None:
    """Refuse content nested too deep, or, if strict, a number outside the range of a double."""
    level = [content]
    for _ in range(DEEPEST):
        inner: list[Any] = []
        for value in level:
            values = value.values() if isinstance(value, dict) else value
            if not isinstance(value, dict | list):
                values = (value,)
            kinds = set(map(type, values))
            if strict and float in kinds and (math.inf in values or -math.inf in values):
                raise ValueError("a number outside the range of a double")
            if isinstance(value, dict | list) and not kinds.isdisjoint((dict, list)):
                inner += [each for each in values if isinstance(each, dict | list)]
        level = inner
        if not level:
            return
    raise ValueError(f"nested deeper than {DEEPEST}")


def check_text(content: Any) -> None:
    """Refuse text that is no Unicode; the content must not be nested deep.

    Raises:
        ValueError: A string contains half of a surrogate pair.
    """
    if isinstance(content, dict):
        check_text(list(content))
        check_text(list(content.values()))
    elif isinstance(content, list):
        for value in content:
            check_text(value)
    elif isinstance(content, str) and any("\ud800" <= c <= "\udfff" for c in content):
        raise ValueError("half of a surrogate pair, which is no text")


def _constant(text: str) -> float:
    raise ValueError(f"{text}, which is no number")


def _integer(text: str) -> int:
    if len(text) > _LONGEST_INTEGER:
        raise ValueError(f"an integer of {len(text)} digits, and at most {_LONGEST_INTEGER}")
    return int(text)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice[:80]!r} is given twice in one object")
    return found


_STRICT: dict[str, Any] = {
    "parse_constant": _constant,
    "parse_int": _integer,
    "object_pairs_hook": _unique,
}
