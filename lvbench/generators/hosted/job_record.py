"""Record of a hosted model's job on disk, so that no clip is paid for twice."""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path
from typing import Any

from lvbench.reading import read_json
from lvbench.results.files import canonical_json, write_atomic

_ENDING = ".job.json"
_NONCE = "requests.nonce"
_MOST_BYTES = 1 << 20


class JobRecord:
    """The job of one clip, stored in a file next to the clip.

    Args:
        clip: The clip's file.
        digest: Digest of the request; a record of another request is discarded.

    Attributes:
        name: The service's job id; None before submission.
    """

    def __init__(self, clip: Path, digest: str) -> None:
        self._path, self._digest = clip.with_suffix(_ENDING), digest
        self.name: str | None = None
        self._attempt, self._last = 1, None
        kept = _read(self._path)
        if kept.get("request") == digest:
            attempt, name = kept.get("attempt"), kept.get("job")
            self._attempt = attempt if isinstance(attempt, int) else 1
            self.name = name if isinstance(name, str) else None
            self._last = kept.get("last")

    @property
    def key(self) -> str:
        """Return the idempotency key of this attempt, the same after an interruption.

        It is unique among all requests of this and of other folders.
        """
        said = f"{_nonce(self._path.parent)} {self._digest} {self._attempt}"
        return hashlib.sha256(said.encode()).hexdigest()[:32]

    def submitted(self, name: str) -> None:
        """Record the job id."""
        self.name = name
        self._write()

    def ended(self) -> None:
        """Record the end of the job: a later request is another attempt."""
        self.name, self._attempt, self._last = None, self._attempt + 1, self.name
        self._write()

    def of_another(self) -> bool:
        """Return whether the service reused the job of another clip of the folder."""
        others = (path for path in self._path.parent.glob(f"*{_ENDING}") if path != self._path)
        return any(_read(path).get("last") == self.name for path in others)

    def _write(self) -> None:
        kept = {
            "request": self._digest,
            "attempt": self._attempt,
            "job": self.name,
            "last": self._last,
        }
        write_atomic(self._path, canonical_json(kept) + "\n")


def _nonce(folder: Path) -> str:
    """Return the random value that distinguishes this folder's requests from all others."""
    path = folder / _NONCE
    if not path.is_file():
        write_atomic(path, secrets.token_hex(16) + "\n")
    return path.read_text("ascii").strip()


def _read(path: Path) -> dict[str, Any]:
    try:
        found = read_json(path, _MOST_BYTES)
        return found if isinstance(found, dict) else {}
    except (OSError, ValueError):
        return {}
