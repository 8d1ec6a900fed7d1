"""Generators are named `name` or `name:argument`."""

from __future__ import annotations

import pytest

from lvbench.errors import RegistryError, UsageError
from lvbench.generators.command import Command
from lvbench.generators.procedural import Procedural
from lvbench.generators.registry import build


def test_names_and_arguments() -> None:
    assert isinstance(build("procedural"), Procedural)
    command = build("command:python make.py a:b {out}")
    assert isinstance(command, Command)
    assert command.info.name == "command:python"


def test_an_unknown_name_gets_the_nearest() -> None:
    with pytest.raises(RegistryError, match="nearest: procedural"):
        build("procedurral")


@pytest.mark.parametrize(
    ("reference", "found"),
    [("command", "needs an argument"), ("procedural:x", "takes no argument")],
)
def test_an_argument_too_few_or_too_many_is_refused(reference: str, found: str) -> None:
    with pytest.raises(UsageError, match=found):
        build(reference)
