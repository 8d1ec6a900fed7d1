"""Differences of scores between two runs: over pairs of videos, or between sets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from lvbench.comparison.pairing import RunPairing
from lvbench.comparison.policy import Level
from lvbench.report.tables.describe import describe
from lvbench.report.tables.table import repeats_headline
from lvbench.results.run import Run
from lvbench.results.schema import ItemRecord, Score
from lvbench.stats.paired import PairedResult
from lvbench.stats.sign_flips import PairedValues

Outcome = Literal[
    "regression", "improvement", "no difference", "too few", "no direction", "not ranked",
    "not tested",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """One score of both runs over the paired videos.

    Attributes:
        key: Score key.
        result: The score's statistic over the paired videos of both runs, head minus base with
            its interval.
        p_adjusted: p-value adjusted for all scores tested; None where the score is not tested.
        outcome: Outcome of the test.
        higher_is_better: Direction of the score; None where it has none.
        unit: Unit of the score.
        level: Level by the policy.
        reasons: Why the level is not `pass`; empty where it is.
    """

    key: str
    result: PairedResult
    p_adjusted: float | None
    outcome: Outcome
    higher_is_better: bool | None
    unit: str
    level: Level = "pass"
    reasons: tuple[str, ...] = ()

    @property
    def tested(self) -> bool:
        """Return whether the score is among those to be tested."""
        return self.outcome in ("regression", "improvement", "no difference", "too few")


@dataclass(frozen=True, slots=True)
class SetDifference:
    """A distance between sets in both runs: one number each, and so no pairs.

    Attributes:
        key: Score key.
        base: Score of the base.
        head: Score of the head.
        outcome: Regression or improvement where the two intervals do not touch.
        level: Level by the policy.
        reasons: Why the level is not `pass`; empty where it is.
    """

    key: str
    base: Score
    head: Score
    outcome: Outcome
    level: Level = "pass"
    reasons: tuple[str, ...] = ()

    @property
    def difference(self) -> float:
        """Return head minus base."""
        assert self.head.value is not None
        assert self.base.value is not None
        return self.head.value - self.base.value


@dataclass(frozen=True, slots=True)
class LostScore:
    """A score of the base without a value in the head; status and code give the reason."""

    key: str
    head: Score | None
    level: Level = "pass"


def value_of(item: ItemRecord, key: str) -> float | None:
    """Return a video's value of a score, or its size where sizes are summed.

    Returns:
        None where the video has no value, and for a distance between sets.
    """
    about = describe(key)
    score = item.metrics.get(about.record)
    if score is None or score.status != "ok" or about.of_sets:
        return None
    value = score.value if about.component is None else score.components.get(about.component)
    return abs(value) if value is not None and about.statistic == "median_absolute" else value


def comparable_keys(base: Run, head: Run) -> list[str]:
    """Return the scores of both runs that have plain differences over pairs, in table order.

    A time of onset is censored where there is no onset: its pairs have no difference.
    """
    return [
        key
        for key in sorted(base.scores.keys() & head.scores.keys(), key=lambda k: describe(k).order)
        if describe(key).statistic not in ("time_to_event", "set")
        and not all(repeats_headline(key, run) for run in (base, head))
    ]


def set_keys(base: Run, head: Run) -> list[str]:
    """Return the distances between sets that both runs have a value of, in table order."""
    return [
        key
        for key in sorted(base.scores.keys() & head.scores.keys(), key=lambda k: describe(k).order)
        if describe(key).of_sets
        and all(run.scores[key].value is not None for run in (base, head))
    ]  # fmt: skip


def over_pairs(key: str, pairing: RunPairing) -> PairedValues | None:
    """Return a score's values over the pairs that have it; None where no pair has."""
    kept = [
        (before, after, one.video.cluster)
        for one, other in pairing.pairs
        if (before := value_of(one, key)) is not None
        and (after := value_of(other, key)) is not None
    ]
    if not kept:
        return None
    befores, afters, clusters = zip(*kept, strict=True)
    statistic = describe(key).statistic
    # Times of events and scores of sets are not compared over pairs.
    assert statistic in ("mean", "median", "median_absolute")
    return PairedValues(np.asarray(befores), np.asarray(afters), clusters, statistic)


def newly_failed(pairing: RunPairing) -> tuple[str, ...]:
    """Return the head's videos with a failed metric that the base computed."""
    return tuple(
        other.video.id
        for one, other in pairing.pairs
        if any(
            score.status == "ok"
            and (after := other.metrics.get(name)) is not None
            and after.status == "failed"
            for name, score in one.metrics.items()
        )
    )
