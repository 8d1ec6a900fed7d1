"""Remember a hosted model's job across interruptions, so that no clip is paid for twice."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from lvbench.results.files import canonical_json, write_atomic


class Job:
    """The job of one clip, as the file beside it remembers it.

    Args:
        path: The file.
        digest: Of what is asked for; a file of another request is forgotten.

    Attributes:
        name: The service's name of the job; None before it was submitted.
    """

    def __init__(self, path: Path, digest: str) -> None:
        self._path, self._digest = path, digest
        self.name: str | None = None
        self._attempt = 1
        kept = _read(path)
        if kept.get("request") == digest:
            self._attempt = int(kept.get("attempt", 1))
            self.name = kept.get("job")

    @property
    def key(self) -> str:
        """Return what names this attempt to the service: the same after an interruption."""
        return hashlib.sha256(f"{self._digest} {self._attempt}".encode()).hexdigest()[:32]

    def submitted(self, name: str) -> None:
        """Remember the job's name."""
        self.name = name
        self._write()

    def ended(self) -> None:
        """Remember that it has ended: what is asked for again is another attempt."""
        self.name, self._attempt = None, self._attempt + 1
        self._write()

    def _write(self) -> None:
        kept = {"request": self._digest, "attempt": self._attempt, "job": self.name}
        write_atomic(self._path, canonical_json(kept) + "\n")


def _read(path: Path) -> dict[str, str]:
    try:
        found = json.loads(path.read_text("utf-8"))
        return found if isinstance(found, dict) else {}
    except (OSError, ValueError):
        return {}
