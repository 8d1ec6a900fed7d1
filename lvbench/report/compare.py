"""Compare two runs video by video: what got better, what got worse, what cannot be told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lvbench.errors import ComparabilityError, ConfigError, UsageError
from lvbench.protocol.lock import differing_keys
from lvbench.report.describe import describe
from lvbench.report.method import read_lock
from lvbench.report.pairing import Pairing, pair
from lvbench.report.table import repeats_headline
from lvbench.results.run import Run, load_run
from lvbench.results.schema import ItemRecord
from lvbench.stats.paired import PairedResult, holm, paired_difference

Outcome = Literal[
    "regression", "improvement", "no difference", "too few", "no direction", "not ranked",
    "not tested",
]  # fmt: skip
SIZE = 0.05


@dataclass(frozen=True, slots=True)
class Difference:
    """One score of both runs over the paired videos.

    Attributes:
        key: Score key.
        base: Mean over the paired videos of the base run.
        head: The same of the head run.
        result: Head minus base, with its interval.
        p_adjusted: Holm-adjusted p-value, None where the score is not tested.
        outcome: What may be said.
    """

    key: str
    base: float
    head: float
    result: PairedResult
    p_adjusted: float | None
    outcome: Outcome
    higher_is_better: bool | None
    unit: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs compared.

    Attributes:
        differences: Every score that both runs have per video, in table order.
        mismatched: Keys in which the protocols differ; empty where they are the same.
    """

    base: Run
    head: Run
    pairing: Pairing
    differences: tuple[Difference, ...]
    mismatched: tuple[str, ...]

    @property
    def regressions(self) -> tuple[Difference, ...]:
        """Return the scores that got worse."""
        return tuple(d for d in self.differences if d.outcome == "regression")


def compare(
    base: str | Path | Run,
    head: str | Path | Run,
    *,
    allow_mismatch: bool = False,
    fail_on: Iterable[str] | None = None,
) -> Comparison:
    """Compare two runs over the videos that both hold.

    Args:
        base: The run to compare with, or its folder.
        head: The run in question, or its folder.
        allow_mismatch: Compare although the protocols differ; the output says so.
        fail_on: Score keys to test for regressions; every headline with a direction if left out.

    Returns:
        The comparison. A tested score has regressed where its paired difference lies in the bad
        direction, its 95 % interval excludes zero, and so does the test after Holm's correction
        for the number of scores tested.

    Raises:
        ComparabilityError: The protocols differ, or no video is in both runs.
        UsageError: `fail_on` names a score that cannot be tested.
    """
    ours = base if isinstance(base, Run) else load_run(base)
    theirs = head if isinstance(head, Run) else load_run(head)
    mismatched = _mismatch(ours, theirs)
    if mismatched and not allow_mismatch:
        raise ComparabilityError(
            "compare the runs",
            found=f"their protocols differ in {', '.join(mismatched)}",
            where=f"{ours.folder} and {theirs.folder}",
            mend="evaluate both by one protocol, or pass --allow-mismatch to compare all the same",
        )
    pairing = pair(ours.items, theirs.items)
    if not pairing.pairs:
        raise ComparabilityError(
            "compare the runs",
            found=f"no video of one has a partner in the other (paired by {pairing.by})",
            where=f"{ours.folder} and {theirs.folder}",
            mend="evaluate clips of the same names, or give both manifests with prompt and seed",
            code="no_pairs",
        )
    return Comparison(ours, theirs, pairing, _differences(ours, theirs, pairing, fail_on),
                      mismatched)  # fmt: skip


def value_of(item: ItemRecord, key: str) -> float | None:
    """Return what a video adds to a score: its value, or the size of it where sizes are summed.

    A distance between sets has no value for one video: None.
    """
    about = describe(key)
    score = item.metrics.get(about.record)
    if score is None or score.status != "ok" or about.of_sets:
        return None
    value = score.value if about.component is None else score.components.get(about.component)
    return abs(value) if value is not None and about.summary == "median_absolute" else value


def _mismatch(base: Run, head: Run) -> tuple[str, ...]:
    ours, theirs = base.record.protocol, head.record.protocol
    if ours.hash == theirs.hash:
        return ()
    locks = read_lock(base), read_lock(head)
    keys = differing_keys(*locks) if all(locks) else []
    return tuple(keys or ["hash"])


def _differences(
    base: Run, head: Run, pairing: Pairing, fail_on: Iterable[str] | None
) -> tuple[Difference, ...]:
    shared = sorted(base.scores.keys() & head.scores.keys(), key=lambda key: describe(key).order)
    # A time of onset is censored where nothing sets in: its pairs have no plain difference.
    shared = [
        key
        for key in shared
        if describe(key).summary != "time_to_event"
        and not all(repeats_headline(key, run) for run in (base, head))
    ]
    results = {key: r for key in shared if (r := _result(key, pairing)) is not None}
    tested = _tested(base, head, list(results), fail_on)
    adjusted = dict(zip(tested, holm([results[k][2].p_value for k in tested]), strict=True))
    found = []
    for key, (before, after, result) in results.items():
        better = head.scores[key].higher_is_better
        p = float(adjusted[key]) if key in adjusted else None
        found.append(
            Difference(
                key,
                base=before,
                head=after,
                result=result,
                p_adjusted=p,
                outcome=_outcome(result, p, better, _gated(base, head, key)),
                higher_is_better=better,
                unit=head.scores[key].unit,
            )
        )
    return tuple(found)


def _result(key: str, pairing: Pairing) -> tuple[float, float, PairedResult] | None:
    kept = [
        (before, after, one.video.cluster)
        for one, other in pairing.pairs
        if (before := value_of(one, key)) is not None
        and (after := value_of(other, key)) is not None
    ]
    if not kept:
        return None
    befores, afters, clusters = zip(*kept, strict=True)
    result = paired_difference(befores, afters, list(clusters))
    return sum(befores) / len(kept), sum(afters) / len(kept), result


def _tested(base: Run, head: Run, keys: list[str], fail_on: Iterable[str] | None) -> list[str]:
    testable = [
        key
        for key in keys
        if head.scores[key].higher_is_better is not None and not _gated(base, head, key)
    ]
    if fail_on is None:
        return [key for key in testable if describe(key).component is None]
    wanted = list(dict.fromkeys(fail_on))
    for key in wanted:
        if key not in head.scores:
            raise UsageError(
                f"fail on '{key}'",
                found="the runs hold no such score",
                where="--fail-on",
                mend=f"choose from: {', '.join(testable)}",
            )
        if key in keys and key not in testable and not _gated(base, head, key):
            raise ConfigError(
                f"fail on '{key}'",
                found="it has no good direction",
                where="--fail-on",
                mend=f"choose from: {', '.join(testable)}",
                code="no_direction",
            )
    return [key for key in wanted if key in testable]


def _gated(base: Run, head: Run, key: str) -> bool:
    return any(gate.failed for run in (base, head) for gate in run.scores[key].gates)


def _outcome(result: PairedResult, p: float | None, better: bool | None, gated: bool) -> Outcome:
    if better is None:
        return "no direction"
    if gated:
        return "not ranked"
    if p is None:
        return "not tested"
    if result.low is None or result.high is None:
        return "too few"
    if p >= SIZE or result.low <= 0 <= result.high:
        return "no difference"
    return "improvement" if (result.mean_difference > 0) == better else "regression"
