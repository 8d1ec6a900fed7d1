"""The run folders of the report's tests."""

from tests.report.conftest import factory, run_folder

__all__ = ["factory", "run_folder"]
