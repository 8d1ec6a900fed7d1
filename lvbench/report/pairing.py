"""Find the videos of two runs that answer the same question."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from lvbench.results.schema import ItemRecord


@dataclass(frozen=True, slots=True)
class Pairing:
    """Pairs of item records, base first, and what had no partner.

    Attributes:
        by: `prompt and seed` where every video of both runs has them, else `id`.
    """

    by: str
    pairs: tuple[tuple[ItemRecord, ItemRecord], ...]
    only_base: tuple[str, ...]
    only_head: tuple[str, ...]


def pair(base: Sequence[ItemRecord], head: Sequence[ItemRecord]) -> Pairing:
    """Pair the videos of two runs by prompt and seed, or by id where either is missing."""
    keys, by = _prompt_and_seed(base, head), "prompt and seed"
    if keys is None:
        keys, by = ({i.video.id: i for i in base}, {i.video.id: i for i in head}), "id"
    ours, theirs = keys
    return Pairing(
        by,
        tuple((ours[key], theirs[key]) for key in sorted(ours) if key in theirs),
        tuple(sorted(ours[key].video.id for key in ours if key not in theirs)),
        tuple(sorted(theirs[key].video.id for key in theirs if key not in ours)),
    )


def _prompt_and_seed(
    *runs: Sequence[ItemRecord],
) -> tuple[dict[str, ItemRecord], dict[str, ItemRecord]] | None:
    keyed = []
    for items in runs:
        if any(not item.video.prompts or item.video.seed is None for item in items):
            return None
        by_key = {
            json.dumps([item.video.prompts, item.video.seed], sort_keys=True): item
            for item in items
        }
        if len(by_key) < len(items) or not items:
            return None
        keyed.append(by_key)
    return keyed[0], keyed[1]
