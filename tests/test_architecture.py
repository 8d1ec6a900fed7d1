"""docs/architecture.md names every room and the imports that the code has."""

from __future__ import annotations

import re
from importlib import import_module

import pytest

from tests.conftest import ROOT
from tests.test_imports import modules

PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
BASES = (ROOT / "lvbench", ROOT)
MOST_CONCEPTS = 12


def test_the_table_of_imports_is_that_of_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    written = import_module("benchmarks.architecture").written
    assert written(PAGE) == PAGE, "python -m benchmarks.architecture docs/architecture.md"


def test_every_room_is_named() -> None:
    folders = {path.parent.relative_to(ROOT).as_posix() for path in modules()}
    rooms = {folder.removeprefix("lvbench/") for folder in folders} - {"lvbench"}
    missing = [room for room in sorted(rooms) if f"`{room}`" not in PAGE]
    assert not missing, f"name these folders in docs/architecture.md: {missing}"


def test_rooms_that_are_named_exist() -> None:
    named = set(re.findall(r"`(\w+/\w+)`", PAGE))
    assert not [room for room in named if not any((base / room).is_dir() for base in BASES)]


def test_the_concepts_are_few_and_their_files_exist() -> None:
    table = PAGE.partition("## Twelve concepts")[2]
    places = re.findall(r"^\| .* \| `([\w/.]+)` \|$", table, re.MULTILINE)
    assert len(places) == MOST_CONCEPTS
    assert not [place for place in places if not (ROOT / place).is_file()]
