"""Find and read protocol files."""

from __future__ import annotations

import difflib
import hashlib
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

import lvbench
from lvbench.errors import ConfigError, RegistryError, UsageError
from lvbench.plain_yaml import read_yaml
from lvbench.printing import visible
from lvbench.protocol import DEFAULT_PROTOCOL
from lvbench.protocol.schema import Protocol
from lvbench.reading import read_json

RELEASED = "released.json"
_FILE = re.compile(r"^(?P<name>.+)-v(?P<version>\d+)\.yaml$")


def protocols_folder() -> Path:
    """Return the folder of the protocols that ship with lvbench.

    A wheel has it inside the package; a checkout, and an editable install, next to the package.
    """
    package = Path(lvbench.__file__).resolve().parent
    inside = package / "protocols"
    return inside if inside.is_dir() else package.parent / "protocols"


def list_protocols() -> dict[str, list[int]]:
    """Return the shipped protocols: name to versions, ascending."""
    found: dict[str, list[int]] = {}
    for path in sorted(protocols_folder().glob("*.yaml")):
        match = _FILE.match(path.name)
        if match:
            found.setdefault(match["name"], []).append(int(match["version"]))
    return {name: sorted(versions) for name, versions in sorted(found.items())}


def protocol_path(reference: str) -> Path:
    """Return the file of a protocol named `name`, `name@version`, or by its path.

    Raises:
        RegistryError: No protocol of that name or version ships with lvbench.
    """
    if reference.endswith((".yaml", ".yml")):
        return Path(reference)
    name, _, version = reference.partition("@")
    known = list_protocols()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.0)
        raise RegistryError(
            f"find the protocol '{name}'",
            found=f"no protocol of that name; nearest: {', '.join(near)}",
            where="the protocols that ship with lvbench",
            fix="see them with 'lvbench list protocols', or give the path of a .yaml file",
        )
    chosen = version.removeprefix("v") or str(known[name][-1])
    if chosen not in map(str, known[name]):
        raise RegistryError(
            f"find version {chosen} of the protocol '{name}'",
            found=f"versions {', '.join(map(str, known[name]))}",
            where="the protocols that ship with lvbench",
            fix=f"use {name}@{known[name][-1]}",
        )
    return protocols_folder() / f"{name}-v{chosen}.yaml"


def load_protocol(reference: str = DEFAULT_PROTOCOL) -> Protocol:
    """Return the protocol named `name`, `name@version`, or in the file given.

    A line on standard error names a later version that supersedes it.

    Raises:
        RegistryError: No such protocol.
        UsageError: There is no file at the path given.
        ConfigError: The file is not a valid protocol (the message names the keys at fault), or it
            is a released one that was changed (`protocol_edited`).
    """
    path = protocol_path(reference)
    if not path.is_file():
        raise UsageError(
            f"read the protocol '{reference}'",
            found="there is no such file",
            where=str(path),
            fix="check the path; 'lvbench list protocols' names those that ship with lvbench",
        )
    try:
        protocol = Protocol.model_validate(read_yaml(path))
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"read the protocol '{reference}'",
            found=_explain(error),
            where=str(path),
            fix="correct the keys named above; 'lvbench show lvb-smoke' prints a valid one",
            code="protocol_invalid",
        ) from error
    if path.resolve().parent == protocols_folder().resolve():
        _refuse_edited(path, protocol)
        successor = superseded_by(protocol.name, protocol.version)
        if successor is not None:
            _warn_once(f"{protocol.name} v{protocol.version} is superseded by {successor}")
    return protocol


def protocol_prose(name: str) -> dict[str, Any]:
    """Return title and description of a protocol in index.yaml, outside its hash."""
    path = protocols_folder() / "index.yaml"
    index: dict[str, dict[str, Any]] = read_yaml(path)
    return index.get(name, {})


def superseded_by(name: str, version: int) -> str | None:
    """Return the version that supersedes one, as `name@version`; None without any.

    index.yaml lists it for each version, as in `superseded_by: {1: lvb-60s@2}`.
    """
    successors: dict[int, str] = protocol_prose(name).get("superseded_by") or {}
    return successors.get(version)


def released_files() -> dict[str, str]:
    """Return the frozen files, released protocols and the files they name: name to sha256."""
    found: dict[str, str] = read_json(protocols_folder() / RELEASED)
    return found


def edited_files() -> list[str]:
    """Return the frozen files that are missing or were changed after release, sorted."""
    return sorted(
        name
        for name, sha256 in released_files().items()
        if _sha256(protocols_folder() / name) != sha256
    )


def _sha256(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def _refuse_edited(path: Path, protocol: Protocol) -> None:
    """Refuse a shipped protocol that differs from its release.

    Raises:
        ConfigError: It was changed since, or only its draft mark was removed.
    """
    frozen = released_files().get(path.name)
    if frozen == _sha256(path) or (frozen is None and protocol.draft):
        return
    asked = f"read the protocol {protocol.name} v{protocol.version}"
    if frozen is None:
        found = "it has no draft mark, but was never released"
        fix = f"put 'draft: true' back, or 'python -m lvbench.protocol.release {protocol.name}'"
    else:
        found = "the file was changed since its release: its sha256 is not the one recorded"
        fix = "restore the file; a changed protocol needs a new version, or a path of its own"
    raise ConfigError(asked, found=found, where=str(path), fix=fix, code="protocol_edited")


@cache
def _warn_once(line: str) -> None:
    """Print a line, once per process."""
    print(visible(f"lvbench: {line}"), file=sys.stderr, flush=True)


def _explain(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(
            f"{'.'.join(map(str, e['loc'])) or 'protocol'}: {e['msg']}" for e in error.errors()
        )
    return str(error)
