"""Text from outside is shown and not obeyed, wherever it is printed."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvbench.printing import csv_text, visible

ROOT = Path(__file__).resolve().parents[1]
HOSTILE = "\x1b[31mred\x1b]0;title\x07\x9b2J\u202egnp.exe\u2066\r\ud800"


def steers(text: str) -> set[str]:
    """Return the characters of a text that steer a terminal or turn the order of the text."""
    return {
        c
        for c in text
        if (unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") and c not in "\n\t")
        or unicodedata.bidirectional(c) in ("RLO", "LRO", "RLE", "LRE", "PDF", "RLI", "LRI", "FSI",
                                            "PDI")
    }  # fmt: skip


@given(st.text())
def test_nothing_steers_and_all_else_stays(text: str) -> None:
    shown = visible(text)
    assert steers(shown) == set()
    assert visible(shown) == shown
    if not steers(text) and not {"\u061c", "\u200e", "\u200f", "\ufeff"} & set(text):
        assert shown == text


def test_it_is_shown_as_an_escape() -> None:
    assert (
        visible("a\x1b[2J\u202e\n\tb\u00e9\U0001f600") == "a\\u001b[2J\\u202e\n\tb\u00e9\U0001f600"
    )


@given(st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_json_stays_the_same_json(content: object) -> None:
    shown = visible(json.dumps(content, ensure_ascii=False))
    assert json.loads(shown) == content


def test_the_commands_print_through_one_function() -> None:
    """What they print in colours is named here, and shows its parts by `visible` itself."""
    direct = {
        path.name: line.strip()
        for path in sorted((ROOT / "lvbench" / "cli").glob("*.py"))
        for line in path.read_text("utf-8").splitlines()
        if "click.echo(" in line or " print(" in line or "click.secho(" in line
    }
    assert set(direct) == {"echo.py", "outcome.py", "demo.py", "compare.py", "generators.py"}


FORMULAS = [
    *("=1+1", "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(A1)"),
    *("\t=1", "\r=1", " =1", "-", "+a"),
]
PLAIN = ["a=1", "-1", "-1.5e-07", "+3", "x", "", "1e9", "-inf"]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_field_is_no_formula(text: str) -> None:
    (row,) = csv.DictReader(io.StringIO(csv_text(["a"], [{"a": text}])))
    assert row["a"] == "'" + visible(text)


@pytest.mark.parametrize("text", PLAIN)
def test_other_fields_stay_as_they_are(text: str) -> None:
    written = csv_text(["a", "b", "c"], [{"a": text, "b": -1.5, "c": None}])
    assert list(csv.DictReader(io.StringIO(written))) == [{"a": text, "b": "-1.5", "c": ""}]
