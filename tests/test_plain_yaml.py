"""YAML that anyone may have written is read within limits of size, depth and kind."""

from __future__ import annotations

import time

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lvbench.plain_yaml import parse_yaml

BAD = {
    "an alias": ("a: &a [1]\nb: *a", "alias.*line 2, column 4"),
    "an alias to itself": ("&a [*a]", "alias"),
    "a merge": ("a: &a {b: 1}\nc: {<<: *a}", "alias"),
    "deep, in flow": ("[" * 100_000, "nest"),
    "deep, in blocks": ("- " * 400 + "a", "nested deeper than 64: line 1"),
    "digits": ("a: " + "9" * 5000, "4300 digits"),
    "hexadecimal digits": ("a: 0x" + "f" * 5000, "too many digits: line 1"),
    "a key twice": ("a: 1\nb: 2\na: 3", "'a' is given twice: line 3, column 1"),
    "a key twice, deeper": ("x:\n- {a: 1, a: 2}", "'a' is given twice: line 2"),
    "two documents": ("a: 1\n---\nb: 2", "single document"),
    "a list as key": ("? [a]\n: b", "key that is a list"),
    "bytes": ("a: !!binary aGVsbG8=", "tag"),
    "a set": ("a: !!set {b, c}", "tag"),
    "code": ("a: !!python/object/apply:os.getcwd []", "tag"),
    "a tag that does not fit": ("a: !!bool 7", "tag"),
    "wide": ("- 1\n" * 110_000, "more values"),
    "long": ("a: " + "x" * (1 << 20), "at most"),
    "a control character": ("a: \x07", "control characters"),
}


@pytest.mark.parametrize(("text", "found"), BAD.values(), ids=BAD)
def test_what_does_harm_is_refused_with_its_place(text: str, found: str) -> None:
    began = time.process_time()
    with pytest.raises(ValueError, match=found):
        parse_yaml(text)
    assert time.process_time() - began < 2


def test_a_date_stays_text() -> None:
    assert parse_yaml("a: 2020-99-99\nb: 2020-01-01") == {"a": "2020-99-99", "b": "2020-01-01"}


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


class _WithoutAliases(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        return True


@given(PLAIN)
def test_what_pyyaml_writes_is_read_back(content: object) -> None:
    assert parse_yaml(yaml.dump(content, Dumper=_WithoutAliases)) == content
