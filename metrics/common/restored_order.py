"""Put parts of a video back where they continue, and measure how far they were from there."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

Link = tuple[float, int, int]
"""Distance, last picture of a part, and first picture of the part that continues it."""


def displacement(count: int, links: Sequence[Link], backwards: Sequence[int]) -> float:
    """Return how far pictures are from their places, over how far a random order puts them.

    The nearest links count first; a part without any stays behind the one before it. Chains of
    parts without a link between them stay in the order of their median places.

    Args:
        count: Pictures of the video.
        links: Which part continues which.
        backwards: First pictures of parts that are played backwards: their pictures move by half
            of the part's length on average.

    Examples:
        >>> from lvbench.metrics.common.restored_order import displacement
        >>> round(displacement(12, [(1.0, 3, 8), (1.0, 11, 4)], []), 2)
        0.67
    """
    inner = {end + 1 for _, end, _ in links} | {start for *_, start in links} | {*backwards}
    starts = sorted({0, *inner} - {count})
    length = {a: b - a for a, b in pairwise([*starts, count])}
    chains = _chained(starts, length, links)
    moved, place = 0, 0
    for chain in sorted(chains, key=lambda chain: _place(chain, length)):
        for start in chain:
            moved += length[start] * abs(place - start)
            place += length[start]
    turned = sum(length[start] ** 2 / 2 for start in backwards)
    # A random order moves each picture by a third of the video.
    return 3 * (moved + turned) / count**2


def _chained(
    starts: Sequence[int], length: dict[int, int], links: Sequence[Link]
) -> list[list[int]]:
    """Return the parts, by their first pictures, in chains."""
    ending = {start + length[start] - 1: start for start in starts}
    chain = {start: [start] for start in starts}  # Of each part.
    wanted = [(ending[end], start) for _, end, start in sorted(links)]
    for part, following in [*wanted, *pairwise(starts)]:
        first, second = chain[part], chain[following]
        if first is not second and first[-1] == part and second[0] == following:
            first += second
            chain |= dict.fromkeys(second, first)
    return [chain[start] for start in starts if chain[start][0] == start]


def _place(chain: Sequence[int], length: dict[int, int]) -> float:
    """Return where a chain begins if half of its pictures are too early, half too late."""
    sizes = [length[start] for start in chain]
    begins = np.asarray(chain) - np.cumsum([0, *sizes[:-1]])
    return float(np.median(np.repeat(begins, sizes)))
