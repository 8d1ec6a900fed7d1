"""A run folder for the tests of the report, and the factory that makes others."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


def load_factory() -> ModuleType:
    """Import factory.py, which lies beside this file and on no path."""
    file = Path(__file__).with_name("factory.py")
    spec = importlib.util.spec_from_file_location("report_factory", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def factory() -> ModuleType:
    return load_factory()


@pytest.fixture
def run_folder(factory: ModuleType, tmp_path: Path) -> Path:
    """Return a fresh run of six videos: one failed, one frozen in part, one looping, one cut."""
    folder: Path = factory.make_run(tmp_path / "run")
    return folder
