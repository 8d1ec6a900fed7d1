"""Read again every weights file that is there, whatever was remembered of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lvbench.errors import WeightsError
from lvbench.features.weights import locate
from lvbench.features.weights_catalogue import Entry, catalogue
from lvbench.features.weights_folder import Folder, own_file
from lvbench.features.weights_store import (
    checksums,
    hub_copies,
    shipped_folder,
    weights_folder,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Say what became of an entry's file.

    Attributes:
        name: Name of the entry.
        where: The file.
        sha256: Its checksum; empty where it is wrong.
        error: What is wrong with it, or None.
    """

    name: str
    where: str
    sha256: str
    error: WeightsError | None = None


def verify(source: Path | None = None) -> list[Verdict]:
    """Return a verdict on every entry of which a file is there, right or wrong.

    Args:
        source: A folder (or file) of weights, looked at beside the cache.
    """
    verdicts = []
    for entry in catalogue().values():
        _read_again(entry, source)
        try:
            found = locate(entry.name, source)
        except WeightsError as error:
            if error.code != "weights_missing":
                verdicts.append(Verdict(entry.name, error.where, "", error))
        else:
            verdicts.append(Verdict(entry.name, str(found.path), found.sha256))
    return verdicts


def _read_again(entry: Entry, source: Path | None) -> None:
    """Compute anew the checksums of the files that `locate` would look at."""
    again = [copy for file in entry.files for copy in hub_copies(file)]
    for folder in (source, shipped_folder(), weights_folder()):
        if folder is None or not folder.is_dir():
            continue
        place = Folder(folder)
        for content in (*entry.files, *entry.others):
            again += place.of_size(content) if content.checkable else []
        for file in entry.files:
            again += place.named(entry.name, file.file)
        if (own := own_file(entry.name, folder)) is not None:
            again.append(own.path)
    for path in dict.fromkeys(again):
        checksums(path, remember=False)
