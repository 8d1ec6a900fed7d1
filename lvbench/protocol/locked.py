"""Read the lock of a run from an untrusted file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from lvbench.errors import ConfigError
from lvbench.plain_yaml import parse_yaml, read_yaml
from lvbench.protocol.identity import Identity
from lvbench.protocol.lock import LOCK_FILE
from lvbench.protocol.schema import Protocol


@dataclass(frozen=True, slots=True)
class Locked:
    """Content of a lock.

    Attributes:
        protocol: The resolved protocol.
        identity: Everything that can move a number; its hash is computed from the content.
        stated: The hash in the file.
    """

    protocol: Protocol
    identity: Identity
    stated: str


class _Content(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    hash: str
    protocol: dict[str, Any]
    metrics: dict[str, dict[str, Any]]
    extractors: dict[str, dict[str, Any]]
    decoder: str
    real: str | None


def parse_lock(text: str, *, draft: bool = False, where: str = LOCK_FILE) -> Locked:
    """Return the content of a lock's text; its hash is not compared here.

    Args:
        text: Text of protocol.lock.yaml.
        draft: Whether the run states that its protocol is a draft, which is not in the lock.
        where: The file, for messages.

    Raises:
        ConfigError: It is no lock (`lock_invalid`).
    """
    try:
        content = parse_yaml(text)
    except ValueError as error:
        raise _invalid(error, where) from error
    return lock_of(content, draft=draft, where=where)


def read_lock(path: Path, *, draft: bool = False) -> Locked:
    """Return the content of a lock in a file; see `parse_lock`.

    Raises:
        ConfigError: It cannot be read, or is no lock (`lock_invalid`).
    """
    try:
        content = read_yaml(path)
    except (OSError, ValueError) as error:
        raise _invalid(error, str(path)) from error
    return lock_of(content, draft=draft, where=str(path))


def lock_of(lock: object, *, draft: bool = False, where: str = LOCK_FILE) -> Locked:
    """Return the content of a parsed lock; see `parse_lock`."""
    try:
        content = _Content.model_validate(lock)
        protocol = Protocol.model_validate({**content.protocol, "draft": draft})
        parts = content.protocol, content.metrics, content.extractors
        identity = Identity(*parts, content.decoder, content.real)
        _ = identity.hash  # raises for content that is no plain JSON
    except (ValueError, TypeError, RecursionError) as error:
        raise _invalid(error, where) from error
    return Locked(protocol, identity, content.hash)


def _invalid(error: Exception, where: str) -> ConfigError:
    return ConfigError(
        "read the lock of a run",
        found=f"{type(error).__name__}: {error}",
        where=where,
        fix="restore the file that 'lvbench evaluate' wrote, or run the evaluation again",
        code="lock_invalid",
    )
