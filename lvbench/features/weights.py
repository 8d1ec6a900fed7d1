"""Find a network's weights by what they are: the catalogue, the cache, a folder of files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Located:
    """A weights file whose content was checked.

    Attributes:
        path: The file.
        sha256: Its checksum.
    """

    path: Path
    sha256: str


def locate(name: str, source: Path | None = None) -> Located:
    """Return the file of a catalogue entry, checked."""
    raise NotImplementedError
