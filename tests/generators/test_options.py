"""Switches behind a generator's name are read, and what is none is refused with those there are."""

from __future__ import annotations

import pytest

from lvbench.errors import UsageError
from lvbench.generators.options import as_number, read_options, refuse_unknown


def test_switches_in_their_order() -> None:
    assert read_options("g", "") == {}
    assert list(read_options("g", " b = 1@2, a=x=y ").items()) == [("b", "1@2"), ("a", "x=y")]


@pytest.mark.parametrize("argument", ["a", "a=", "=1", "a=1,b", "a=1,a=2"])
def test_what_is_no_switch_is_refused(argument: str) -> None:
    with pytest.raises(UsageError, match="lvbench show g"):
        read_options("g", argument)


def test_an_unknown_switch_gets_the_nearest() -> None:
    with pytest.raises(UsageError, match="no switch 'exposur'; nearest: exposure"):
        refuse_unknown("g", {"exposur": "1"}, ("blur", "exposure"))


@pytest.mark.parametrize("text", ["x", "nan", "inf", ""])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="give a number"):
        as_number("g", "a", text)
    assert as_number("g", "a", "-2.5") == -2.5
