"""The catalogue of weights: which files there are, what is known of their content."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

_CATALOGUE = files("lvbench.features").joinpath("weights.yaml")

# A size that is only known rounded ("605 MB") fits a file within this share of it.
_ROUNDING = 0.02


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Checksums(_Strict):
    """Hold what was computed on a file's bytes.

    Attributes:
        sha256: Hexadecimal.
        git_blob: The sha1 that git gives the content.
    """

    sha256: str
    git_blob: str


class Content(_Strict):
    """Say what is known of a file's bytes; what is not known is None.

    Attributes:
        file: The name that it is published under.
        sha256: Checksum, computed on the file or stated by `stated`.
        sha256_begins: First digits of it, where only they are known.
        git_blob: The sha1 that git gives the content.
        size: Bytes.
        about: Bytes, rounded.
        stated: Where the checksums and the size are from.
    """

    file: str
    sha256: Sha256 | None = None
    sha256_begins: Annotated[str, Field(pattern=r"^[0-9a-f]{8,63}$")] | None = None
    git_blob: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")] | None = None
    size: int | None = None
    about: int | None = None
    stated: str = ""

    @property
    def checkable(self) -> bool:
        """Return whether anything is known that tells its content from another's."""
        return bool(self.sha256 or self.sha256_begins or self.git_blob)

    @property
    def bytes(self) -> int | None:
        """Return its size, exact or rounded."""
        return self.about if self.size is None else self.size

    @property
    def identity(self) -> str:
        """Return the strongest thing known of its content, in words."""
        if self.sha256:
            return f"sha256 {self.sha256}"
        if self.git_blob:
            return f"git blob {self.git_blob}"
        if self.sha256_begins:
            return f"sha256 {self.sha256_begins}…"
        return "sha256 not known"

    def fits(self, size: int) -> bool:
        """Return whether a file of that many bytes can be it."""
        if self.size is not None:
            return size == self.size
        return self.about is None or abs(size - self.about) <= _ROUNDING * self.about

    def matches(self, found: Checksums) -> bool:
        """Return whether those checksums are its own; false where nothing is known."""
        if self.sha256:
            return found.sha256 == self.sha256
        if self.git_blob:
            return found.git_blob == self.git_blob
        return bool(self.sha256_begins) and found.sha256.startswith(self.sha256_begins or "")


class HubAddress(_Strict):
    """Name a file on the Hugging Face Hub.

    Attributes:
        repo: `owner/name`.
        file: Path within it.
        revision: Commit, tag or branch.
    """

    repo: str
    file: str
    revision: str = "main"


class WeightsFile(Content):
    """Describe one file that an entry can be loaded from.

    Attributes:
        what: How it differs from the entry's other files.
        hub: Its address on the Hugging Face Hub.
        url: Its address elsewhere.
    """

    what: str = ""
    hub: HubAddress | None = None
    url: str | None = None

    @property
    def address(self) -> str | None:
        """Return where it is fetched from; None where nobody but the user can."""
        return f"hf://{self.hub.repo}/{self.hub.file}" if self.hub else self.url


class OtherNetwork(Content):
    """Describe a file that people take for an entry's, and that is another network.

    Attributes:
        network: Which one it is.
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


class Entry(_Strict):
    """Describe one network's weights.

    Attributes:
        name: Name in the catalogue.
        what: One line.
        licence: Licences of code and weights.
        normalisation: What the network wants its pictures to be.
        metrics: Metrics that read it themselves, through no extractor.
        fingerprint: Name of the table of tensor checksums that its extractor compares with; a
            file given by its path is then accepted whatever its bytes, and judged by its tensors.
        files: Those that can serve, the preferred one first.
        others: Files that must be refused, by name.
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
    def download(self) -> WeightsFile | None:
        """Return the first file that has an address."""
        return next((file for file in self.files if file.address), None)

    @property
    def size(self) -> int | None:
        """Return the bytes of the file that would be fetched, or of the first; maybe rounded."""
        return (self.download or self.files[0]).bytes

    @property
    def command(self) -> str:
        """Return what to type to get it, with its size."""
        if self.download is None:
            return f"--weights FOLDER with {self.files[0].file} in it ({readable(self.size)})"
        return f"lvbench weights pull {self.name} ({readable(self.size)})"


@cache
def catalogue() -> dict[str, Entry]:
    """Return every entry by its name."""
    import yaml

    entries: dict[str, dict[str, Any]] = yaml.safe_load(_CATALOGUE.read_text(encoding="utf-8"))
    return {name: Entry.model_validate({"name": name, **entry}) for name, entry in entries.items()}


def readable(size: int | None) -> str:
    """Return a size in words: "605 MB"."""
    if size is None:
        return "size not known"
    for unit, bytes_ in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= bytes_:
            return f"{size / bytes_:.3g} {unit}"
    return f"{size} bytes"
