"""Draw the items that a verifier recomputes, and the chance that altered items are missed."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from math import exp, lgamma

_SURE = 0.95


def fresh_seed() -> int:
    """Return a seed from the system's entropy, which no submitter can predict."""
    return secrets.randbits(64)


def draw(ids: Iterable[str], count: int, seed: int) -> list[str]:
    """Return `count` of the ids, sorted; every subset of that size is as likely as any other.

    The ids are ordered by the digest of seed and id, and the first are taken: the same on every
    machine.

    Args:
        ids: Ids of all items.
        count: How many to take; all where there are fewer.
        seed: The verifier's seed.
    """
    ordered = sorted(ids, key=lambda name: hashlib.sha256(f"{seed}\0{name}".encode()).digest())
    return sorted(ordered[:count])


def miss_chance(items: int, drawn: int, altered: int = 1) -> float:
    """Return the chance that a sample contains none of the altered items (hypergeometric).

    For one altered item it is `1 - drawn / items`.

    Args:
        items: Items of the run.
        drawn: How many were drawn, without replacement.
        altered: How many of the items were altered.
    """
    if altered <= 0:
        return 1.0
    if drawn + altered > items:
        return 0.0
    if altered == 1:
        return 1.0 - drawn / items
    return exp(
        lgamma(items - altered + 1)
        - lgamma(items - altered - drawn + 1)
        - lgamma(items + 1)
        + lgamma(items - drawn + 1)
    )


def found_with(items: int, drawn: int, sure: float = _SURE) -> int | None:
    """Return the least number of altered items of which a sample contains one with chance `sure`.

    Returns:
        None where nothing was drawn.
    """
    if not drawn:
        return None
    low, high = 1, max(1, items)
    while low < high:
        middle = (low + high) // 2
        if miss_chance(items, drawn, middle) <= 1 - sure + 1e-12:
            high = middle
        else:
            low = middle + 1
    return low
