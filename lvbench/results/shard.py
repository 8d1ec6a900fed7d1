"""One machine's part of a run: every K-th video of the plan, in a run folder of its own."""

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
    """Say which part of a plan is meant.

    Attributes:
        number: Which part, from 1.
        of: How many parts there are.
    """

    number: int
    of: int

    def part(self, plan: Sequence[T]) -> list[T]:
        """Return this part of a plan: every `of`-th from the `number`-th on."""
        return list(plan[self.number - 1 :: self.of])


class ShardRecord(Record):
    """shard.json: what part of which plan a run folder holds.

    `videos` are the ids of the whole plan, all parts of it, sorted; `wanted` is how many videos a
    complete run has.
    """

    shard: int
    of: int
    videos: list[str]
    wanted: int


def parse_shard(text: str) -> Shard:
    """Return the shard that `I/K` names.

    Raises:
        UsageError: It names none.
    """
    match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
    if match and 1 <= int(match[1]) <= int(match[2]):
        return Shard(int(match[1]), int(match[2]))
    raise UsageError(
        "judge a part of the videos",
        found=text,
        where="--shard",
        fix="give I/K with I from 1 to K, such as --shard 2/4",
    )


def write_shard(folder: Path, shard: Shard | None, plan: Sequence[str], wanted: int) -> None:
    """Write into a run folder which part of which plan it holds; a whole run holds no such file.

    Args:
        folder: The run folder.
        shard: The part; None for the whole.
        plan: Ids of the videos of all parts.
        wanted: How many videos a complete run has.
    """
    path = folder / SHARD_FILE
    if shard is None:
        path.unlink(missing_ok=True)
        return
    record = ShardRecord(shard=shard.number, of=shard.of, videos=sorted(plan), wanted=wanted)
    write_atomic(path, canonical_json(record.model_dump(), indent=1) + "\n")


def read_shard(folder: Path) -> ShardRecord | None:
    """Return which part of which plan a run folder holds; None where it is no part.

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
