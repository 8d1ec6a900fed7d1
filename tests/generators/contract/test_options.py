"""Switches behind a generator's name are read, and what is none is refused with those there are."""

from __future__ import annotations

import pytest

from lvbench.errors import UsageError
from lvbench.generators.baselines.simple import Noise, Static
from lvbench.generators.contract.options import as_number, read_options, refuse_unknown
from lvbench.generators.contract.types import Request


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


def test_a_size_of_its_own_is_in_the_revision() -> None:
    found = Noise("64x48").info
    assert found.size == (64, 48)
    assert found.revision == f"{Noise.info.revision} 64x48"
    assert Noise().info == Noise.info
    asked = Request("a", (), 1.0, 8.0, 832, 480, 0)
    for kind in (Noise, Static):
        assert next(iter(kind("64x48").frames(asked))).shape[1:] == (48, 64, 3)


@pytest.mark.parametrize("argument", ["64", "64x", "0x64", "-1x4", "64X64", "big"])
def test_what_is_no_size_is_refused(argument: str) -> None:
    with pytest.raises(UsageError, match="noise:WIDTHxHEIGHT"):
        Noise(argument)
