"""Compare two runs video by video: improvements, regressions and open cases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from lvbench.comparison.comparer import RunComparer
from lvbench.comparison.identity import not_comparable
from lvbench.comparison.pairing import RunPairing, pair
from lvbench.comparison.policy import FAILURES, Level, Policy, parse_policy, worst
from lvbench.comparison.scores import (
    Difference,
    LostScore,
    SetDifference,
    newly_failed,
    value_of,
)
from lvbench.errors import ComparabilityError
from lvbench.reading import read_json
from lvbench.report.page.method import differing_protocol_keys
from lvbench.results.run import Run, load_run, read_item
from lvbench.results.schema import (
    SCHEMA,
    Event,
    ItemRecord,
    ItemScore,
    Series,
    VideoRecord,
)

__all__ = ["Comparison", "Difference", "compare", "value_of"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs compared.

    Attributes:
        base: The baseline run.
        head: The run in question.
        pairing: Their pairs of videos.
        differences: Every score that both runs have per video, in table order.
        sets: Every distance between sets that both runs have, in table order.
        lost: Scores of the base without a value in the head.
        failures: Videos of the head that failed, or failed in a metric, where the base's did not.
        failures_level: Level of the failures by the policy.
        mismatched: Keys in which the protocols differ, where scores were compared all the same.
        not_compared: Scores whose identities differ, each with the reason in words.
        not_compared_level: Level of those by the policy.
        policy: The rules of both levels.
    """

    base: Run
    head: Run
    pairing: RunPairing
    differences: tuple[Difference, ...]
    sets: tuple[SetDifference, ...]
    lost: tuple[LostScore, ...]
    failures: tuple[str, ...]
    failures_level: Level
    mismatched: tuple[str, ...]
    not_compared: Mapping[str, str]
    not_compared_level: Level
    policy: Policy

    @property
    def compared(self) -> tuple[Difference | SetDifference, ...]:
        """Return every score that both runs have, over pairs or as sets."""
        return self.differences + self.sets

    @property
    def level(self) -> Level:
        """Return the worst level by the policy."""
        levels = [found.level for found in self.compared] + [lost.level for lost in self.lost]
        own = [self.failures_level, self.missing_level, self.not_compared_level]
        return worst([*own, *levels])

    @property
    def missing_level(self) -> Level:
        """Return `warn` where the head lacks videos of the base and a rule names failures.

        The remaining videos may be the easier ones.
        """
        named = any(rule.score == FAILURES for rule in self.policy.fail + self.policy.warn)
        return "warn" if named and self.pairing.only_base else "pass"

    @property
    def regressions(self) -> tuple[Difference | SetDifference, ...]:
        """Return the scores that got worse by the test, at any level."""
        return tuple(d for d in self.compared if d.outcome == "regression")


def compare(
    base: str | Path | Run,
    head: str | Path | Run,
    *,
    allow_mismatch: bool = False,
    fail_on: Iterable[str] | None = None,
    warn_on: Iterable[str] | None = None,
) -> Comparison:
    """Compare two runs over the videos that both have, score by score.

    A score is compared where its identity, all that can move the number, is the same in both runs.

    Args:
        base: The baseline run, or its folder.
        head: The run in question, or its folder.
        allow_mismatch: Compare scores although their identities differ; every output states it.
        fail_on: Rules that fail the comparison (`lvbench.comparison.policy.parse_rule`); the
            scores that they name are tested. Default: every headline with a direction, cost aside,
            and newly failed videos.
        warn_on: Rules that only warn. Default: scores that may be worse before correction.

    Returns:
        The comparison. A tested score has regressed where its paired difference is in the bad
        direction, its 95 % interval excludes zero, and so does the permutation test, adjusted for
        the number of scores tested; where a gate failed in the head but not in the base; and, for
        a distance between sets, where the intervals of both runs do not touch.

    Raises:
        ComparabilityError: No score has the same identity in both, or no video is in both runs.
        UsageError: A rule is not valid, or names a score that the runs do not have.
        ConfigError: A rule names a score that has no worse direction.

    Examples:
        >>> import lvbench
        >>> comparison = lvbench.compare("runs/base", "runs/head")
        >>> comparison.regressions
        ()
    """
    ours = base if isinstance(base, Run) else load_run(base)
    theirs = head if isinstance(head, Run) else load_run(head)
    rules = parse_policy(fail_on, warn_on)
    differing = not_comparable(ours, theirs)
    mismatched = differing_protocol_keys(ours, theirs) if differing else ()
    if not allow_mismatch and ours.scores.keys() & theirs.scores.keys() <= differing.keys():
        keys = mismatched or differing_protocol_keys(ours, theirs)
        found = f"no common score has the same identity: protocols differ in {', '.join(keys)}"
        fix = "evaluate both by one protocol, or pass --allow-mismatch to compare all the same"
        raise _incomparable(ours, theirs, found, fix)
    excluded = {} if allow_mismatch else differing
    pairing = pair(items_without_curves(ours), items_without_curves(theirs))
    if not pairing.pairs:
        found = f"no video of one has a partner in the other (paired by {pairing.by})"
        fix = "evaluate clips of the same names, or give both manifests with prompt and seed"
        raise _incomparable(ours, theirs, found, fix, "no_pairs")
    comparer = RunComparer(ours, theirs, pairing, rules, excluded)
    failures = newly_failed(pairing)
    return Comparison(
        ours,
        theirs,
        pairing,
        differences=comparer.differences(),
        sets=comparer.sets(),
        lost=comparer.lost(),
        failures=failures,
        failures_level=comparer.failures_level(len(failures)),
        mismatched=mismatched if allow_mismatch else (),
        not_compared=comparer.not_compared,
        not_compared_level=comparer.not_compared_level(),
        policy=rules,
    )


def _incomparable(
    base: Run, head: Run, found: str, fix: str, code: str | None = None
) -> ComparabilityError:
    where = f"{base.folder} and {head.folder}"
    return ComparabilityError("compare the runs", found=found, where=where, fix=fix, code=code)


class _Bare(ItemScore):
    """A score without its curves and events, which are nearly all of a record."""

    model_config = ConfigDict(extra="ignore")

    series: dict[str, Series] = Field({}, validation_alias="unread_series")
    events: list[Event] = Field([], validation_alias="unread_events")


class _Item(BaseModel):
    model_config = ConfigDict(extra="ignore")

    schema_number: int = Field(alias="schema")
    identity: str
    video: VideoRecord
    metrics: dict[str, _Bare]


def items_without_curves(run: Run) -> list[ItemRecord]:
    """Return a run's item records without curves and events, sorted by video id."""
    files = sorted((run.folder / "items").glob("*.json"))
    return sorted((_read(file) for file in files), key=lambda record: record.video.id)


def _read(file: Path) -> ItemRecord:
    try:
        item = _Item.model_validate(read_json(file))
    except (OSError, ValueError):
        return read_item(file)  # raises the error
    if item.schema_number != SCHEMA:
        return read_item(file)
    return ItemRecord.model_construct(
        identity=item.identity, video=item.video, metrics=dict[str, ItemScore](item.metrics)
    )
