"""Compare the scores of two runs by the rules of a policy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property

from lvbench.comparison.identity import left_out
from lvbench.comparison.pairing import RunPairing
from lvbench.comparison.policy import (
    FAILURES,
    HEADLINES,
    Level,
    Policy,
    Rule,
    Worsening,
    is_broken,
    worst,
)
from lvbench.comparison.scores import (
    Difference,
    LostScore,
    Outcome,
    SetDifference,
    comparable_keys,
    over_pairs,
    set_keys,
)
from lvbench.errors import ConfigError, LvbenchError, UsageError
from lvbench.report.tables.describe import describe, gate_in_words
from lvbench.report.tables.rounding import significant
from lvbench.results.run import Run
from lvbench.results.schema import Score
from lvbench.stats.paired import PairedResult, PairedTest, paired_difference, paired_tests
from lvbench.stats.sign_flips import PairedValues

TOO_FEW = "too few prompts for an interval, so no difference can be tested"


class RunComparer:
    """Compares two runs by a policy.

    Args:
        base: The baseline run.
        head: The run in question.
        pairing: Their pairs.
        policy: The rules.
        excluded: Scores that are not compared, each with the reason in words.

    Raises:
        UsageError: A rule names a score that the runs do not have.
        ConfigError: A rule names a score that has no worse direction, or that is not compared.
    """

    def __init__(
        self, base: Run, head: Run, pairing: RunPairing, policy: Policy, excluded: Mapping[str, str]
    ) -> None:
        self._base, self._head, self._policy = base, head, policy
        self.not_compared = left_out(excluded, base, head)
        self._paired: dict[str, PairedValues] = {
            key: found
            for key in comparable_keys(base, head)
            if key not in excluded and (found := over_pairs(key, pairing)) is not None
        }
        self._sets = [key for key in set_keys(base, head) if key not in excluded]
        self._lost = [
            key
            for key, score in base.scores.items()
            if score.value is not None
            and key not in self.not_compared
            and (key not in head.scores or head.scores[key].value is None)
            and head.scores.get(key, score).code != "absent"
            # A time reached by fewer videos than its median needs is no loss.
            and describe(key).statistic != "time_to_event"
        ]
        for rule in (*policy.fail, *policy.warn):
            self._check(rule)

    def differences(self) -> tuple[Difference, ...]:
        """Return the difference of every score over the pairs, in table order."""
        return tuple(self._difference(key, found) for key, found in self._paired.items())

    def sets(self) -> tuple[SetDifference, ...]:
        """Return the difference of every distance between sets, in table order."""
        return tuple(self._set_difference(key) for key in self._sets)

    def lost(self) -> tuple[LostScore, ...]:
        """Return the scores that the head lost; a failed one is as bad as one that got worse."""
        found = []
        for key in sorted(self._lost, key=lambda key: describe(key).order):
            score = self._head.scores.get(key)
            level: Level = "pass"
            if self._named(self._policy.fail, key):
                level = "fail" if score is not None and score.status == "failed" else "warn"
            found.append(LostScore(key, score, level))
        return tuple(found)

    def not_compared_level(self) -> Level:
        """Return `warn` where a failing rule names a score that is not compared."""
        named = any(self._named(self._policy.fail, key) for key in self.not_compared)
        return "warn" if named else "pass"

    def failures_level(self, count: int) -> Level:
        """Return the level of this number of newly failed videos."""
        named = (
            level
            for level, rules in self._policy.levels()
            if any(r.score == FAILURES for r in rules)
        )
        return worst(named) if count else "pass"

    @cached_property
    def _tests(self) -> dict[str, PairedTest]:
        """Return the test of every score that the failing rules name."""
        tested = [key for key in self._paired if self._tested(key) and not self._gated(key)]
        return dict(zip(tested, paired_tests([self._paired[key] for key in tested]), strict=True))

    def _tested(self, key: str) -> bool:
        return self._head.scores[key].higher_is_better is not None and bool(
            self._named(self._policy.fail, key)
        )

    def _difference(self, key: str, found: PairedValues) -> Difference:
        score, test = self._head.scores[key], self._tests.get(key)
        result = test.result if test else paired_difference(
            found.base, found.head, found.clusters, statistic=found.statistic
        )  # fmt: skip
        p = test.p_adjusted if test else None
        outcome = self._outcome(key, test)
        better = score.higher_is_better
        difference = Difference(key, result, p, outcome, better, score.unit)
        if better is None or outcome == "not ranked":
            return difference
        if self._newly_gated(key):
            reason = f"gate newly failed: {gate_in_words(score)}"
            level = worst(name for name, rules in self._policy.levels() if self._named(rules, key))
            return replace(difference, level=level, reasons=(reason,) if level != "pass" else ())
        regressed = outcome == "regression"
        worse = _worsening(result, higher_is_better=better, regressed=regressed)
        level, reasons = self._level(key, worse, p)
        if outcome == "too few" and level == "pass":
            level, reasons = "warn", (TOO_FEW,)
        return replace(difference, level=level, reasons=reasons)

    def _set_difference(self, key: str) -> SetDifference:
        base, head = self._base.scores[key], self._head.scores[key]
        better = head.higher_is_better
        if better is None:
            return SetDifference(key, base, head, "no direction")
        if self._gated(key) and not self._newly_gated(key):
            return SetDifference(key, base, head, "not ranked")
        worse = _apart(base, head, higher_is_better=better)
        outcome: Outcome = "no difference"
        if not self._named(self._policy.fail, key):
            outcome = "not tested"
        elif worse.near is None:
            outcome = "too few"
        elif worse.regressed:
            outcome = "regression"
        elif _apart(head, base, higher_is_better=better).regressed:
            outcome = "improvement"
        level, reasons = self._level(key, worse, None)
        return SetDifference(key, base, head, outcome, level, reasons)

    def _level(
        self, key: str, worse: Worsening, p_adjusted: float | None
    ) -> tuple[Level, tuple[str, ...]]:
        for level, rules in self._policy.levels():
            broken = [rule for rule in self._named(rules, key) if is_broken(rule, worse)]
            if broken:
                reasons = (_reason(rule, worse, p_adjusted) for rule in broken)
                return level, tuple(dict.fromkeys(reasons))
        return "pass", ()

    def _outcome(self, key: str, test: PairedTest | None) -> Outcome:
        better = self._head.scores[key].higher_is_better
        if better is None:
            return "no direction"
        if self._newly_gated(key) and self._tested(key):
            return "regression"
        if self._gated(key):
            return "not ranked"
        if test is None:
            return "not tested"
        if test.moved is None:
            return "too few"
        if test.moved == 0:
            return "no difference"
        return "improvement" if (test.moved > 0) == better else "regression"

    def _named(self, rules: Iterable[Rule], key: str) -> list[Rule]:
        """Return the rules that apply to a score.

        Measured cost moves with the machine's load, and equally for clips made together: only its
        own name selects it, `headlines` does not.
        """
        runs = (self._base, self._head)
        measured = any(key in run.scores and run.scores[key].measured for run in runs)
        headline = describe(key).component is None and not measured
        return [r for r in rules if r.score == key or (r.score == HEADLINES and headline)]

    def _gated(self, key: str) -> bool:
        return any(
            gate.failed for run in (self._base, self._head) for gate in run.scores[key].gates
        )

    def _newly_gated(self, key: str) -> bool:
        """Return whether a gate failed in the head and none in the base."""
        base, head = (run.scores[key].gates for run in (self._base, self._head))
        return any(gate.failed for gate in head) and not any(gate.failed for gate in base)

    def _check(self, rule: Rule) -> None:
        if rule.score in (HEADLINES, FAILURES):
            return
        known = [*self._paired, *self._sets]
        possible = [k for k in known if self._head.scores[k].higher_is_better is not None]
        if rule.score in self._lost or (rule.score in possible and not self._no_interval(rule)):
            return
        choose = f"choose from: {', '.join(possible)}"
        kind: type[LvbenchError] = ConfigError
        code = "no_pairs"
        if rule.score in self.not_compared:
            found = f"the runs cannot be compared in it: {self.not_compared[rule.score]}"
            choose, code = f"evaluate both in the same way, or {choose}", "not_comparable"
        elif rule.score not in self._base.scores and rule.score not in self._head.scores:
            found, kind, code = "the runs have no such score", UsageError, UsageError.code
        elif rule.score in possible:
            found = "a distance between sets has no interval over pairs"
        elif rule.score not in known:
            found = "no pair of videos has a plain difference in it"
        else:
            found, code = "it has no good direction", "no_direction"
        raise kind(
            f"compare by '{rule.text}'",
            found=found,
            where="--fail-on, --warn-on or --policy",
            fix=choose,
            code=code,
        )

    def _no_interval(self, rule: Rule) -> bool:
        return rule.in_intervals and rule.score in self._sets


def _worsening(result: PairedResult, *, higher_is_better: bool, regressed: bool) -> Worsening:
    sign = -1.0 if higher_is_better else 1.0
    ends = (result.low, result.high)
    near = half = None
    if ends[0] is not None and ends[1] is not None:
        near = min(sign * end for end in ends if end is not None)
        half = (ends[1] - ends[0]) / 2
    return Worsening(sign * result.difference, near, half, result.p_value, regressed)


def _apart(base: Score, head: Score, *, higher_is_better: bool) -> Worsening:
    """Return how far the head's interval is on the bad side of the base's."""
    assert base.value is not None
    assert head.value is not None
    sign = -1.0 if higher_is_better else 1.0
    near = None
    if None not in (base.ci_low, base.ci_high, head.ci_low, head.ci_high):
        ours = [sign * end for end in (base.ci_low, base.ci_high) if end is not None]
        theirs = [sign * end for end in (head.ci_low, head.ci_high) if end is not None]
        near = min(theirs) - max(ours)
    apart = near is not None and near > 0
    return Worsening(sign * (head.value - base.value), near, None, None, apart)


def _reason(rule: Rule, worse: Worsening, p_adjusted: float | None) -> str:
    """Return why a rule is broken."""
    if rule.margin is None:
        if worse.regressed and p_adjusted is not None:
            return f"p = {p_adjusted:.2g} after correction"
        if worse.p_value is None:
            return "the intervals of both runs do not touch"
        return f"p = {worse.p_value:.2g} before correction"
    unit = " half-widths of its interval" if rule.in_intervals else ""
    ends = "by more than" if not rule.sure else "with its entire interval by more than"
    return f"worse {ends} {significant(rule.margin)}{unit}"
