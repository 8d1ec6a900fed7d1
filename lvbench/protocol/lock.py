"""Write and compare the lock of a run: the resolved protocol with its hash."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from lvbench.errors import ConfigError
from lvbench.plain_yaml import read_yaml
from lvbench.protocol.identity import Identity
from lvbench.results.files import write_atomic

LOCK_FILE = "protocol.lock.yaml"


def lock_text(identity: Identity) -> str:
    """Return the lock as YAML: the hash, then its content."""
    return yaml.safe_dump({"hash": identity.hash, **identity.content()}, sort_keys=False)


def claim(folder: Path, identity: Identity) -> None:
    """Write the lock into a run folder, or check that the existing one is the same.

    A run with missing weights may be resumed once they are installed.

    Raises:
        ConfigError: The folder contains a run of another identity (`run_of_other_protocol`).
    """
    path = folder / LOCK_FILE
    if not path.exists():
        write_atomic(path, lock_text(identity))
        return
    stored = _stored(path)
    if isinstance(stored, dict) and _only_weights_are_new(stored, identity.content()):
        write_atomic(path, lock_text(identity))
        return
    if not isinstance(stored, dict) or stored.get("hash") != identity.hash:
        raise ConfigError(
            "resume the run",
            found=f"the folder contains a run with identity {_short(stored)}, this one is "
            f"{identity.hash[:12]}{_difference(stored, identity)}",
            where=str(path),
            fix="give another --out, or the protocol that the run was started with",
            code="run_of_other_protocol",
        )


def _only_weights_are_new(stored: dict[str, Any], content: dict[str, Any]) -> bool:
    """Return whether the only change is that missing weights are now installed."""
    keys = differing_keys(stored, content)
    return bool(keys) and all(
        key.startswith("extractors.")
        and key.endswith(".weights")
        and stored["extractors"][key.split(".")[1]]["weights"] is None
        for key in keys
    )


def _stored(path: Path) -> object:
    try:
        return read_yaml(path)
    except ValueError:
        return None


def _short(stored: object) -> str:
    return str(stored.get("hash"))[:12] if isinstance(stored, dict) else "unknown"


def _difference(stored: object, identity: Identity) -> str:
    if not isinstance(stored, dict):
        return ""
    keys = differing_keys(stored, identity.content())
    return f"; differing: {', '.join(keys[:6])}" if keys else ""


def differing_keys(one: object, other: object, prefix: str = "") -> list[str]:
    """Return the dotted keys at which two resolved protocols differ, sorted; hashes aside."""
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return [] if one == other else [prefix]
    keys = sorted((one.keys() | other.keys()) - ({"hash"} if not prefix else set()))
    found: list[str] = []
    for key in keys:
        inner = f"{prefix}.{key}" if prefix else str(key)
        found += differing_keys(one.get(key), other.get(key), inner)
    return found
