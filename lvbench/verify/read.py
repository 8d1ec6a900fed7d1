"""Read a run folder that may be hostile: with bounds, and nothing outside it."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from lvbench.errors import ConfigError
from lvbench.reading import parse_json
from lvbench.results.schema import SCHEMA, Record

Parsed = TypeVar("Parsed", bound=Record)

_LARGEST = 256 << 20
_MOST_FILES = 1_000_000


class RunFiles:
    """The files of a run folder.

    Args:
        folder: The run folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._root = folder.resolve()

    def names(self, below: str, suffix: str) -> list[str]:
        """Return the names of files in a folder of the run, sorted; none where it does not exist.

        Raises:
            ConfigError: The folder is outside the run (`link_outside`), or has more files than any
                run (`file_too_large`).
        """
        path = self._inside(below)
        if not path.is_dir():
            return []
        with os.scandir(path) as entries:
            found = [entry.name for entry in entries if entry.name.endswith(suffix)]
        if len(found) > _MOST_FILES:
            raise _refused(below, f"{len(found)} files, more than any run has", "file_too_large")
        return sorted(name for name in found if not name.startswith("."))

    def path(self, name: str, largest: int = _LARGEST) -> Path:
        """Return the path of a regular file of the run.

        Raises:
            ConfigError: It is missing (`file_missing`), outside the run (`link_outside`), too large
                (`file_too_large`) or no regular file (`no_file`).
        """
        path = self._inside(name)
        try:
            facts = path.stat()
        except OSError as error:
            raise _refused(name, error.strerror or str(error), "file_missing") from error
        # A reader of a pipe or a device would wait for ever.
        if not stat.S_ISREG(facts.st_mode):
            raise _refused(name, "no regular file", "no_file")
        if facts.st_size > largest:
            raise _refused(name, f"{facts.st_size} bytes, at most {largest}", "file_too_large")
        return path

    def text(self, name: str) -> str:
        """Return the text of a file of the run.

        Raises:
            ConfigError: It cannot be read, or is no UTF-8 (`file_invalid`).
        """
        try:
            return self.path(name).read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise _refused(name, str(error), "file_invalid") from error

    def json(self, name: str) -> Any:
        """Return the content of a JSON file of the run.

        Raises:
            ConfigError: It cannot be read, or is no strict JSON (`file_invalid`); see `parse_json`.
        """
        text = self.text(name)
        try:
            return parse_json(text)
        except ValueError as error:
            raise _refused(name, _short(error), "file_invalid") from error

    def record(self, model: type[Parsed], name: str) -> Parsed:
        """Return a record of the run.

        Raises:
            ConfigError: It cannot be read, or is no such record (`file_invalid`).
        """
        content = self.json(name)
        try:
            if not isinstance(content, dict) or content.get("schema") != SCHEMA:
                raise ValueError(f"not of schema {SCHEMA}, which this lvbench reads")
            return model.model_validate(content, strict=True)
        except (ValidationError, ValueError, RecursionError) as error:
            raise _refused(name, _short(error), "file_invalid") from error

    def _inside(self, name: str) -> Path:
        try:
            path = (self.folder / name).resolve()
        except (OSError, RuntimeError, ValueError) as error:
            raise _refused(name, str(error), "link_outside") from error
        # What is a link even when resolved leads to itself.
        if path.is_symlink():
            raise _refused(name, "a link that leads to itself", "link_outside")
        if not path.is_relative_to(self._root):
            raise _refused(name, "a link to a place outside the run folder", "link_outside")
        return path


def _short(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"[:300]
    return f"{error}"[:300] if str(error) else type(error).__name__


def _refused(name: str, found: str, code: str) -> ConfigError:
    return ConfigError(
        f"read {name} of a run",
        found=found,
        where=name,
        fix="restore what 'lvbench evaluate' wrote, or run the evaluation again",
        code=code,
    )
