"""The catalogue of weights: its files, their checksums, addresses and licences."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

_CATALOGUE = files("lvbench.weights").joinpath("weights.yaml")

# A rounded size ("605 MB") matches a file within this share of it.
_ROUNDING = 0.02

PULL = "lvbench weights pull "
ACCEPT = "--accept-noncommercial"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Checksums(_Strict):
    """Hold the checksums of a file.

    Attributes:
        sha256: Hexadecimal.
        git_blob: The sha1 that git gives the content.
    """

    sha256: str
    git_blob: str


class Content(_Strict):
    """Identify a file's content: its sha256, its git blob id, or both.

    Attributes:
        file: Its published name.
        sha256: Checksum; None where only the git blob is known.
        git_blob: The sha1 that git gives the content.
        size: Bytes.
        about: Bytes, rounded, where the exact size is not known.
        source: Source of the checksums and the size.
    """

    file: str
    sha256: Sha256 | None = None
    git_blob: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")] | None = None
    size: int | None = None
    about: int | None = None
    source: str = ""

    @model_validator(mode="after")
    def _has_identity(self) -> Self:
        if self.sha256 is None and self.git_blob is None:
            raise ValueError(f"{self.file} has neither sha256 nor git_blob")
        return self

    @property
    def bytes(self) -> int | None:
        """Return its size, exact or rounded."""
        return self.about if self.size is None else self.size

    @property
    def identity(self) -> str:
        """Return its sha256, or else its git blob id, in words."""
        return f"sha256 {self.sha256}" if self.sha256 else f"git blob {self.git_blob}"

    def fits(self, size: int) -> bool:
        """Return whether a file of that size can be it."""
        if self.size is not None:
            return size == self.size
        return self.about is None or abs(size - self.about) <= _ROUNDING * self.about

    def matches(self, found: Checksums) -> bool:
        """Return whether those checksums are its own."""
        if self.sha256 is not None:
            return found.sha256 == self.sha256
        return found.git_blob == self.git_blob


@dataclass(frozen=True, slots=True)
class HubFile:
    """Name a file on the Hugging Face Hub.

    Attributes:
        repo: `owner/name`.
        revision: Commit, tag or branch.
        file: Path within it.
    """

    repo: str
    revision: str
    file: str


def hub_file(address: str) -> HubFile | None:
    """Return the file of an address `hf://OWNER/NAME@REVISION/FILE`; None for another address."""
    match = re.fullmatch(r"hf://([^/@]+/[^/@]+)@([^/]+)/(.+)", address)
    return None if match is None else HubFile(*match.groups())


class WeightsFile(Content):
    """Describe one file of an entry.

    Attributes:
        what: Its difference from the entry's other files.
        shipped: Whether it is part of lvbench.
        addresses: Its addresses, in the order in which they are tried.
    """

    what: str = ""
    shipped: bool = False
    addresses: tuple[Annotated[str, Field(pattern=r"^(hf|https?)://")], ...] = ()


class OtherNetwork(Content):
    """Describe a file that is mistaken for an entry's, and is another network.

    Attributes:
        network: Its name.
    """

    network: str


class Licence(_Strict):
    """Name the licences of a network, as SPDX identifiers.

    Attributes:
        code: Of the publisher's code.
        weights: Of the numbers.
    """

    code: str
    weights: str

    @property
    def noncommercial(self) -> bool:
        """Return whether the weights may be used for non-commercial purposes only."""
        return "-NC-" in self.weights


class WeightsEntry(_Strict):
    """Describe one network's weights.

    Attributes:
        name: Name in the catalogue.
        what: One line.
        licence: Licences of code and weights.
        normalisation: Range and size of the network's input.
        metrics: Metrics that read it themselves, without an extractor.
        fingerprint: Name of the table of tensor checksums that its extractor compares with; a
            file given by its path is then accepted whatever its bytes, and checked by its tensors.
        files: Its files, the preferred one first.
        others: Files of another network, which are refused.
    """

    name: str
    what: str
    licence: Licence
    normalisation: str
    metrics: tuple[str, ...] = ()
    fingerprint: str | None = None
    files: Annotated[tuple[WeightsFile, ...], Field(min_length=1)]
    others: tuple[OtherNetwork, ...] = ()

    @property
    def shipped(self) -> bool:
        """Return whether one of its files is part of lvbench."""
        return any(file.shipped for file in self.files)

    @property
    def download(self) -> WeightsFile | None:
        """Return the first file that has an address."""
        return next((file for file in self.files if file.addresses), None)

    @property
    def main(self) -> WeightsFile:
        """Return the usual file: the shipped, the fetched or the first one."""
        shipped = (file for file in self.files if file.shipped)
        return next(shipped, self.download or self.files[0])

    @property
    def size(self) -> int | None:
        """Return the bytes of the main file; maybe rounded."""
        return self.main.bytes

    @property
    def command(self) -> str:
        """Return the command that fetches it, with its size."""
        if self.shipped:
            return "it ships with lvbench: install lvbench again"
        if self.download is None:
            return f"--weights FOLDER with {self.files[0].file} in it ({readable(self.size)})"
        return pull_command([self])


def pull_command(entries: Sequence[WeightsEntry]) -> str:
    """Return the command that fetches entries, with the size of all of them."""
    names = " ".join(entry.name for entry in entries)
    accept = f" {ACCEPT}" if any(entry.licence.noncommercial for entry in entries) else ""
    size = readable(sum(entry.size or 0 for entry in entries) or None)
    return f"{PULL}{names}{accept} ({size})"


@cache
def catalogue() -> dict[str, WeightsEntry]:
    """Return every entry by its name."""
    import yaml

    entries: dict[str, dict[str, Any]] = yaml.safe_load(_CATALOGUE.read_text(encoding="utf-8"))
    return {
        name: WeightsEntry.model_validate({"name": name, **entry})
        for name, entry in entries.items()
    }


def readable(size: int | None) -> str:
    """Return a size in words: "605 MB"."""
    if size is None:
        return "size not known"
    for unit, bytes_ in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= bytes_:
            return f"{size / bytes_:.3g} {unit}"
    return f"{size} bytes"
