"""A folder of weights: its files by size and name, and the file that says what stands for what."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lvbench.errors import WeightsError
from lvbench.weights.catalogue import Content, catalogue

OVERRIDES = "weights.yaml"


@dataclass(frozen=True)
class Folder:
    """The files below a folder, listed once.

    Attributes:
        path: The folder; one that is not there holds nothing.
    """

    path: Path

    @cached_property
    def _sizes(self) -> list[tuple[Path, int]]:
        found = []
        for folder, folders, names in os.walk(self.path):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                path = Path(folder) / name
                # Hidden files are downloads under way; a dangling link has no size.
                if not name.startswith(".") and path.is_file():
                    found.append((path, path.stat().st_size))
        return found

    def of_size(self, content: Content) -> list[Path]:
        """Return the files that can be `content` by their size."""
        return [path for path, size in self._sizes if content.fits(size)]

    def named(self, entry: str, file: str) -> list[Path]:
        """Return the files that claim to be an entry's file, whatever they hold.

        A name that several entries' files carry (`model.safetensors`) claims nothing by itself.
        """
        shared = _times_used(file) > 1
        return [
            path
            for path, _ in self._sizes
            if path.name == file and (not shared or path.parent.name == entry)
        ]


def _times_used(file: str) -> int:
    return sum(f.file == file for entry in catalogue().values() for f in entry.files)


@dataclass(frozen=True, slots=True)
class OwnFile:
    """A file that a folder's weights.yaml puts in an entry's place.

    Attributes:
        path: The file.
        sha256: The checksum that it must have; None for any.
        named_in: The weights.yaml.
    """

    path: Path
    sha256: str | None
    named_in: Path


def own_file(name: str, folder: Path) -> OwnFile | None:
    """Return the file that a folder's `weights.yaml` names for an entry, if it names one.

    The file maps names to files beside it (`i3d: mine.pt`), or to `{file, sha256}`.

    Raises:
        WeightsError: It cannot be read, or names a file that is not there (`weights_override`).
    """
    overrides = folder / OVERRIDES
    if not overrides.is_file():
        return None
    from lvbench.plain_yaml import read_yaml

    try:
        named = read_yaml(overrides) or {}
        if name not in named:
            return None
        given = {"file": named[name]} if isinstance(named[name], str) else dict(named[name])
        path, sha256 = folder / given.pop("file"), given.pop("sha256", None)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise _invalid(overrides, f"{type(error).__name__}: {error}") from error
    if given:
        raise _invalid(overrides, f"{name} has unknown keys: {', '.join(map(str, given))}")
    if not path.is_file():
        raise _invalid(overrides, f"{name} names {path}, which is not there")
    return OwnFile(path, sha256, overrides)


def _invalid(path: Path, found: str) -> WeightsError:
    return WeightsError(
        "read a folder's weights.yaml",
        found=found,
        where=str(path),
        fix="a line is 'NAME: FILE' or 'NAME: {file: FILE, sha256: …}'",
        code="weights_override",
    )
