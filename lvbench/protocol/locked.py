"""Read the lock of a run back: what it was run by, whoever wrote the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from lvbench.errors import ConfigError
from lvbench.protocol.identity import Identity
from lvbench.protocol.lock import LOCK_FILE
from lvbench.protocol.schema import Protocol

_LONGEST = 4 << 20


@dataclass(frozen=True, slots=True)
class Locked:
    """What a lock holds.

    Attributes:
        protocol: The protocol as it was resolved.
        identity: Everything that can move a number; its hash is computed from the content.
        stated: The hash that the file states.
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


class _Plain(yaml.SafeLoader):
    """Safe YAML without aliases, which a lock has no use for and which can unfold without end."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("an alias (*), which no lock holds")
        return super().compose_node(parent, index)


def parse_lock(text: str, *, draft: bool = False, where: str = LOCK_FILE) -> Locked:
    """Return what the text of a lock holds; its hash is not compared here.

    Args:
        text: Content of protocol.lock.yaml.
        draft: Whether the run says that its protocol is a draft, which is outside the lock.
        where: The file, for messages.

    Raises:
        ConfigError: It is no lock (`lock_invalid`).
    """
    try:
        if len(text) > _LONGEST:
            raise ValueError(f"{len(text)} characters, more than any lock has")
        # yaml's loader of plain Python: its C twin knows no hook for aliases.
        content = _Content.model_validate(yaml.load(text, Loader=_Plain))
        protocol = Protocol.model_validate({**content.protocol, "draft": draft})
        parts = content.protocol, content.metrics, content.extractors
        identity = Identity(*parts, content.decoder, content.real)
        _ = identity.hash  # what is no plain JSON has none
    except (yaml.YAMLError, ValidationError, ValueError, TypeError, RecursionError) as error:
        raise ConfigError(
            "read the lock of a run",
            found=f"{type(error).__name__}: {error}",
            where=where,
            mend="restore the file that 'lvbench evaluate' wrote, or run the evaluation again",
            code="lock_invalid",
        ) from error
    return Locked(protocol, identity, content.hash)
