"""Generators are named `name` or `name:argument`."""

from __future__ import annotations

import subprocess
import sys

import pytest

from lvbench.errors import RegistryError, UsageError
from lvbench.generators.baselines.simple import Procedural
from lvbench.generators.command.command import Command
from lvbench.generators.registry import GENERATORS, build


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


def test_an_error_within_a_generator_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Procedural) -> None:
        raise TypeError("of the generator")

    monkeypatch.setattr(Procedural, "__init__", broken)
    with pytest.raises(TypeError, match="of the generator"):
        build("procedural")


def test_knowing_all_generators_loads_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from lvbench.generators.registry import GENERATORS\n"
        "known = [GENERATORS.get(name) for name in GENERATORS]\n"
        "heavy = ('torch', 'diffusers', 'transformers', 'PIL', 'cv2', 'av', 'pandas', 'scipy')\n"
        "print(len(known), [name for name in heavy if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == f"{len(GENERATORS.names())} []\n"
