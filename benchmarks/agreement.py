"""Share of pairs of clips in which a metric sides with a label, with its interval over prompts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

RESAMPLES, SEED = 2000, 0


@dataclass(frozen=True, slots=True)
class Side:
    """One pair of clips of a prompt.

    Attributes:
        group: Its set and prompt.
        right: 1 where the metric prefers the better clip, 0 the worse, 0.5 neither.
    """

    group: str
    right: float


@dataclass(frozen=True, slots=True)
class Share:
    """Share of pairs in which a metric is right.

    Attributes:
        value: The share; ties count half.
        low: Lower limit of the 95 % interval over prompts, None with a single prompt.
        high: Upper limit.
        pairs: Number of pairs.
        groups: Number of prompts.
    """

    value: float
    low: float | None
    high: float | None
    pairs: int
    groups: int


def sides(
    goodness: Mapping[str, float], badness: Mapping[str, float], groups: Mapping[str, str]
) -> list[Side]:
    """Compare every two clips of a prompt whose labels differ.

    Args:
        goodness: What the metric gives each clip; higher is better.
        badness: What the label gives each clip; higher is worse.
        groups: Set and prompt of each clip.
    """
    members = defaultdict[str, list[str]](list)
    for clip in sorted(groups.keys() & goodness.keys() & badness.keys()):
        members[groups[clip]].append(clip)
    return [
        Side(group, side(goodness[a] - goodness[b], badness[b] - badness[a]))
        for group, clips in members.items()
        for a, b in combinations(clips, 2)
        if badness[a] != badness[b]
    ]


def side(gain: float, wanted: float) -> float:
    """Return 1 where both signs agree, 0 where they are opposite, 0.5 without a gain."""
    return 0.5 * (1 + np.sign(gain) * np.sign(wanted))


def share(found: Iterable[Side]) -> Share | None:
    """Return the share of right sides with its percentile bootstrap interval over prompts."""
    by_group = defaultdict[str, list[float]](list)
    for one in found:
        by_group[one.group].append(one.right)
    if not by_group:
        return None
    right = np.array([sum(values) for values in by_group.values()])
    pairs = np.array([len(values) for values in by_group.values()])
    low = high = None
    if len(pairs) > 1:
        drawn = np.random.default_rng(SEED).integers(len(pairs), size=(RESAMPLES, len(pairs)))
        shares = right[drawn].sum(1) / pairs[drawn].sum(1)
        low, high = map(float, np.quantile(shares, (0.025, 0.975)))
    return Share(float(right.sum() / pairs.sum()), low, high, int(pairs.sum()), len(pairs))


def mean_over(values: Iterable[float]) -> tuple[float, float | None, float | None]:
    """Return the mean with its percentile bootstrap interval, None with a single value."""
    array = np.array(list(values))
    if len(array) < 2:
        return float(array.mean()), None, None
    drawn = np.random.default_rng(SEED).integers(len(array), size=(RESAMPLES, len(array)))
    low, high = np.quantile(array[drawn].mean(1), (0.025, 0.975))
    return float(array.mean()), float(low), float(high)
