"""A run folder for the tests of the report, and what makes others."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from tests.report import factory as made


@pytest.fixture(scope="session")
def factory() -> ModuleType:
    return made


@pytest.fixture
def run_folder(factory: ModuleType, tmp_path: Path) -> Path:
    """Return a fresh run of six videos: one failed, one frozen in part, one looping, one cut."""
    folder: Path = factory.make_run(tmp_path / "run")
    return folder
