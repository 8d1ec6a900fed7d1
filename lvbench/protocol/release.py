"""Release a protocol: remove its draft mark and freeze its files by their checksums.

`python -m lvbench.protocol.release NAME[@VERSION] ...`, in a checkout.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from pathlib import Path

from lvbench.errors import ConfigError, LvbenchError
from lvbench.protocol.load import (
    RELEASED,
    edited_files,
    load_protocol,
    protocol_path,
    protocols_folder,
    released_files,
)
from lvbench.protocol.schema import Protocol
from lvbench.results.files import write_atomic

_DRAFT = re.compile(r"^draft: true\n", re.MULTILINE)


def release(reference: str) -> list[str]:
    """Release a shipped draft; return the names of the files that are now frozen.

    Raises:
        RegistryError: No such protocol.
        ConfigError: It is released already, or a frozen file or a file that it names was changed.
    """
    protocol, path = load_protocol(reference), protocol_path(reference)
    edited = edited_files()
    if edited or not protocol.draft:
        raise _refused(
            path,
            f"frozen files were changed: {', '.join(edited)}" if edited else "it is no draft",
            "restore them" if edited else "make a new version for the change",
        )
    named = {path.name: None} | _named(protocol)
    frozen = released_files()
    text, marks = _DRAFT.subn("", path.read_text("utf-8"))
    if marks != 1:
        raise _refused(path, "no separate line 'draft: true'", "write it on a line of its own")
    for name, pinned in named.items():
        data = text.encode() if name == path.name else (path.parent / name).read_bytes()
        frozen[name] = hashlib.sha256(data).hexdigest()
        if pinned is not None and frozen[name] != pinned:
            raise _refused(path.parent / name, "not the pinned file", "pin it again")
    write_atomic(path, text)
    ordered = json.dumps(frozen, indent=1, sort_keys=True)
    write_atomic(protocols_folder() / RELEASED, f"{ordered}\n")
    return sorted(named)


def _named(protocol: Protocol) -> dict[str, str | None]:
    """Return the files that a protocol pins: name to sha256."""
    pinned = [part for part in (protocol.prompts, protocol.real) if part is not None]
    return {part.file: part.sha256 for part in pinned}


def _refused(path: Path, found: str, fix: str) -> ConfigError:
    return ConfigError("release", found=found, where=str(path), fix=fix, code="not_released")


def main(names: list[str]) -> int:
    """Release the protocols named; return the exit code."""
    if not names:
        print(__doc__, file=sys.stderr)
        return 2
    for name in names:
        try:
            print(f"{name}: frozen {', '.join(release(name))}")
        except LvbenchError as error:
            print(f"lvbench: {error}", file=sys.stderr)
            return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
