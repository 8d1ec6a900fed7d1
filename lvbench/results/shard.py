"""Split a run into shards: every K-th video of the plan, each in its own run folder."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from lvbench.errors import ConfigError, UsageError
from lvbench.reading import read_json
from lvbench.results.files import canonical_json, write_atomic
from lvbench.results.schema import Record

SHARD_FILE = "shard.json"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Shard:
    """One shard of a run.

    Attributes:
        number: Number of the shard, from 1.
        of: Number of shards.
    """

    number: int
    of: int

    def part(self, plan: Sequence[T]) -> list[T]:
        """Return this shard of a plan: every `of`-th entry from the `number`-th on."""
        return list(plan[self.number - 1 :: self.of])


class ShardRecord(Record):
    """shard.json: the shard and plan of a run folder.

    `videos` are the ids of the entire plan, of all shards, sorted; `wanted` is the number of videos
    of a complete run.
    """

    shard: int
    of: int
    videos: list[str]
    wanted: int


def parse_shard(text: str) -> Shard:
    """Return the shard that `I/K` names.

    Raises:
        UsageError: The text is no such pair.
    """
    match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
    if match and 1 <= int(match[1]) <= int(match[2]):
        return Shard(int(match[1]), int(match[2]))
    raise UsageError(
        "score a shard of the videos",
        found=text,
        where="--shard",
        fix="give I/K with I from 1 to K, such as --shard 2/4",
    )


def write_shard(folder: Path, shard: Shard | None, plan: Sequence[str], wanted: int) -> None:
    """Write the shard and plan of a run folder; a run without shards has no such file.

    Args:
        folder: The run folder.
        shard: The shard; None for a run without shards.
        plan: Ids of the videos of all shards.
        wanted: Number of videos of a complete run.
    """
    path = folder / SHARD_FILE
    if shard is None:
        path.unlink(missing_ok=True)
        return
    record = ShardRecord(shard=shard.number, of=shard.of, videos=sorted(plan), wanted=wanted)
    write_atomic(path, canonical_json(record.model_dump(), indent=1) + "\n")


def read_shard(folder: Path) -> ShardRecord | None:
    """Return the shard and plan of a run folder; None for a run without shards.

    Raises:
        ConfigError: The file there is not valid (`shard_invalid`).
    """
    path = folder / SHARD_FILE
    if not path.exists():
        return None
    try:
        return ShardRecord.model_validate(read_json(path))
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"read {SHARD_FILE}",
            found=str(error),
            where=str(path),
            fix="run 'lvbench evaluate --shard' again in that folder",
            code="shard_invalid",
        ) from error
