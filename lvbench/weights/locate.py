"""Find a network's weights by their content: in the package, the cache, a folder of files."""

from __future__ import annotations

import difflib
import itertools
import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lvbench.errors import WeightsError
from lvbench.weights.catalogue import Content, WeightsEntry, WeightsFile, catalogue, readable
from lvbench.weights.store import (
    checksums,
    forget,
    hub_copies,
    shipped_folder,
    weights_folder,
)

_OVERRIDES = "weights.yaml"


@dataclass(frozen=True, slots=True)
class Located:
    """A weights file whose content was checked.

    Attributes:
        path: The file.
        sha256: Its checksum.
        note: A remark for the reader: that it is the user's own file.
    """

    path: Path
    sha256: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Missing:
    """A catalogue entry that was not found.

    Attributes:
        name: Name of the entry.
        size: Bytes of the file that would be fetched; None where not known.
        identity: Checksum of its content.
        command: The command that fetches it, with its size.
        code: `weights_missing`, or `weights_checksum` where another file is in its place.
        found: What was found.
    """

    name: str
    size: int | None
    identity: str
    command: str
    code: str
    found: str


def locate(name: str, source: Path | None = None) -> Located:
    """Return the file of a catalogue entry, its content checked; nothing is ever fetched.

    A file given as the source must be one of the entry's, unless lvbench ships the entry; where
    the entry's extractor compares tensors, any file is accepted. A folder is searched by content
    at any depth; a `weights.yaml` in it names the user's own files first. Then the files that
    lvbench ships, LVBENCH_HOME and the Hub's cache are searched.

    Args:
        name: Name of the entry.
        source: A file, a folder, or None for the cache alone.

    Raises:
        WeightsError: It is not there (`weights_missing`); a file in its place has another
            content, or is known to be another network (`weights_checksum`); there is no such
            entry (`weights_unknown`); the folder's `weights.yaml` is wrong (`weights_override`).
    """
    if source is not None:
        if not source.exists():
            raise WeightsError(
                f"find the weights '{name}'",
                found="no file or folder of that name",
                where=str(source),
                fix="check the path given as weights",
            )
        if source.is_file() and not _entry(name).shipped:
            return _given(_entry(name), source)
        if (own := _own_file(name, source)) is not None:
            sha256 = _own_checksum(name, own.path, own.sha256)
            return Located(own.path, sha256, f"{own.path} replaces '{name}' by {own.named_in}")
    entry = _entry(name)
    folders = (source, shipped_folder(), weights_folder())
    places = [_Folder(folder) for folder in folders if folder is not None]
    # By place first: the user's files, the shipped files, the fetched files.
    kept = ((file, path) for p in places for file in entry.files for path in p.of_size(file))
    hub = ((file, path) for file in entry.files for path in hub_copies(file))
    for file, path in itertools.chain(kept, hub):
        if file.fits(path.stat().st_size) and file.matches(found := checksums(path)):
            return Located(path, found.sha256)
    raise _not_found(entry, places)


def missing(names: Iterable[str], source: Path | None = None) -> list[Missing]:
    """Return the named entries that `locate` does not find, in the given order."""
    absent = []
    for name in dict.fromkeys(names):
        try:
            locate(name, source)
        except WeightsError as error:
            entry = catalogue().get(name)
            absent.append(
                Missing(
                    name,
                    None if entry is None else entry.size,
                    "" if entry is None else entry.main.identity,
                    error.fix if entry is None else entry.command,
                    error.code,
                    error.found,
                )
            )
    return absent


def verify(source: Path | None = None) -> dict[str, Located | WeightsError]:
    """Read every weights file again; return the file or the error of each entry.

    Args:
        source: A folder (or file) of weights, searched before the caches.
    """
    forget()
    verdicts: dict[str, Located | WeightsError] = {}
    for name in catalogue():
        try:
            verdicts[name] = locate(name, source)
        except WeightsError as error:
            if error.code != WeightsError.code:
                verdicts[name] = error
    return verdicts


def _entry(name: str) -> WeightsEntry:
    entry = catalogue().get(name)
    if entry is None:
        near = difflib.get_close_matches(name, catalogue(), n=3, cutoff=0.0)
        raise WeightsError(
            f"find the weights '{name}'",
            found=f"no entry of that name; nearest: {', '.join(near)}",
            where="the catalogue of weights",
            fix="see 'lvbench weights list', or name a file for it in a folder's weights.yaml",
            code="weights_unknown",
        )
    return entry


def _own_checksum(name: str, path: Path, wanted: str | None) -> str:
    sha256 = checksums(path).sha256
    if wanted not in (None, sha256):
        raise _wrong(name, f"sha256 {sha256}; its weights.yaml states {wanted}", path)
    return sha256


def _given(entry: WeightsEntry, path: Path) -> Located:
    """Return the user's file, or raise the reason why it is not the entry's."""
    found = checksums(path)
    for file in entry.files:
        if file.matches(found):
            return Located(path, found.sha256)
    for other in entry.others:
        if other.matches(found):
            raise _wrong(entry.name, f"another network: {other.network}", path)
    for one in catalogue().values():
        if any(file.matches(found) for file in one.files):
            raise _wrong(entry.name, f"the weights '{one.name}': {one.what}", path)
    if entry.fingerprint is None:
        wanted = " or ".join(f"{file.identity} ({file.file})" for file in entry.files)
        raise _wrong(entry.name, f"sha256 {found.sha256}; wanted {wanted}", path)
    return Located(path, found.sha256, f"{path} was used as '{entry.name}', its bytes unchecked")


def _not_found(entry: WeightsEntry, places: list[_Folder]) -> WeightsError:
    """Return the error that names the wrong file in the entry's place, or that there is none."""
    for place in places:
        for other in entry.others:
            for path in place.of_size(other):
                if other.matches(checksums(path)):
                    return _wrong(entry.name, f"another network: {other.network}", path)
    for file in entry.files:
        copies = [path for place in places for path in place.named(entry.name, file.file)]
        for path in [*copies, *hub_copies(file)]:
            return _wrong(entry.name, _difference(entry, file, path), path)
    wanted = "; ".join(f"{f.file} ({readable(f.bytes)}, {f.identity})" for f in entry.files)
    return WeightsError(
        f"find the weights '{entry.name}'",
        found=f"none of its files: {wanted}",
        where=", ".join([*(str(place.path) for place in places), "the Hub's cache"]),
        fix=entry.command,
    )


def _difference(entry: WeightsEntry, file: WeightsFile, path: Path) -> str:
    size = path.stat().st_size
    if not file.fits(size):
        return f"a file of {size} bytes; wanted {readable(file.bytes)}, {file.identity}"
    return f"sha256 {checksums(path).sha256}; wanted {file.identity}"


def _wrong(name: str, found: str, path: Path) -> WeightsError:
    entry = catalogue().get(name)
    fetch = f"; get the right one: {entry.command}" if entry else ""
    return WeightsError(
        f"use a file as the weights '{name}'",
        found=found,
        where=str(path),
        fix=f"move it away, or name it in a weights.yaml if it is your own{fetch}",
        code="weights_checksum",
    )


@dataclass(frozen=True)
class _Folder:
    """The files below a folder, listed once.

    Attributes:
        path: The folder; a missing one is empty.
    """

    path: Path

    @cached_property
    def _sizes(self) -> list[tuple[Path, int]]:
        found = []
        for folder, folders, names in os.walk(self.path):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                path = Path(folder) / name
                # Hidden files are downloads in progress; a dangling link has no size.
                if not name.startswith(".") and path.is_file():
                    found.append((path, path.stat().st_size))
        return found

    def of_size(self, content: Content) -> list[Path]:
        """Return the files that can be `content` by their size."""
        return [path for path, size in self._sizes if content.fits(size)]

    def named(self, entry: str, file: str) -> list[Path]:
        """Return the files with the name of an entry's file, whatever their content.

        A name of several entries' files (`model.safetensors`) counts in the entry's folder alone.
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
class _OwnFile:
    """A file that a folder's weights.yaml names for an entry.

    Attributes:
        path: The file.
        sha256: The checksum that it must have; None for any.
        named_in: The weights.yaml.
    """

    path: Path
    sha256: str | None
    named_in: Path


def _own_file(name: str, folder: Path) -> _OwnFile | None:
    """Return the file that a folder's `weights.yaml` names for an entry, if it names one.

    It maps names to files in the same folder (`i3d: mine.pt`), or to `{file, sha256}`.

    Raises:
        WeightsError: It cannot be read, or names a file that is not there (`weights_override`).
    """
    overrides = folder / _OVERRIDES
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
        raise _invalid_override(overrides, f"{type(error).__name__}: {error}") from error
    if given:
        raise _invalid_override(overrides, f"{name} has unknown keys: {', '.join(map(str, given))}")
    if not path.is_file():
        raise _invalid_override(overrides, f"{name} names {path}, which is not there")
    return _OwnFile(path, sha256, overrides)


def _invalid_override(path: Path, found: str) -> WeightsError:
    return WeightsError(
        "read a folder's weights.yaml",
        found=found,
        where=str(path),
        fix="a line is 'NAME: FILE' or 'NAME: {file: FILE, sha256: …}'",
        code="weights_override",
    )
