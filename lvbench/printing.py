"""Print untrusted text (file names, prompts, messages of programs) without its control codes."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

# Characters that control a terminal or change the order of text: controls but the line feed and
# the tab, marks and overrides of direction, separators of lines, halves of surrogate pairs.
_STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def visible(text: str) -> str:
    r"""Return text with every control character as `\uXXXX`.

    The meaning of JSON does not change.
    """
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Return CSV with a heading; None is an empty field.

    A text that a spreadsheet would compute (it begins with `=`, `+`, `-`, `@`, a tab or a carriage
    return, and is no number) gets an apostrophe before it, which spreadsheets do not show.
    """
    stream = io.StringIO()
    writer = csv.DictWriter(stream, columns, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _field(value) for name, value in row.items()})
    return stream.getvalue()


def _field(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    # A spreadsheet computes a formula after a space too.
    harmful = value.lstrip(" ").startswith(_FORMULA) and not _is_number(value)
    return f"'{visible(value)}" if harmful else visible(value)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
