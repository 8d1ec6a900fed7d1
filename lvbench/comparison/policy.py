"""Rules over scores that fail a comparison, or only warn."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from lvbench.errors import ConfigError, UsageError

Level = Literal["pass", "warn", "fail"]
LEVELS: tuple[Level, ...] = ("pass", "warn", "fail")
HEADLINES, FAILURES = "headlines", "failures"
FAIL_ON = (HEADLINES, FAILURES)
WARN_ON = (f"{HEADLINES}:suspect", FAILURES)
SIZE = 0.05
GRAMMAR = "SCORE, SCORE:suspect, SCORE:MARGIN or SCORE:MARGINci, the latter two also with :sure"
_RULE = re.compile(
    r"(?P<score>[^\s:>]+)(?:[:>](?:(?P<suspect>suspect)|(?P<margin>\d+(?:\.\d+)?)(?P<ci>ci)?(?P<sure>:sure)?))?"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rule:
    """Condition under which a score counts as worse.

    Attributes:
        text: The rule as written.
        score: Key of a score, `headlines` or `failures`.
        suspect: Whether p < 0.05 before correction is enough.
        margin: By how much it must be worse; None where significance decides.
        in_intervals: Whether the margin counts half-widths of the interval, not the score's unit.
        sure: Whether the entire interval must be beyond the margin, not the estimate alone.
    """

    text: str
    score: str
    suspect: bool = False
    margin: float | None = None
    in_intervals: bool = False
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of both levels."""

    fail: tuple[Rule, ...]
    warn: tuple[Rule, ...]

    def levels(self) -> tuple[tuple[Level, tuple[Rule, ...]], ...]:
        """Return the levels with their rules, the worse first."""
        return ("fail", self.fail), ("warn", self.warn)


@dataclass(frozen=True, slots=True)
class Worsening:
    """How much worse a score is, in its unit; negative where it is better.

    Attributes:
        estimate: Difference of the score's statistic.
        near: End of the interval nearer to zero; None without an interval.
        half_width: Half the interval's width; None where there is none over pairs.
        p_value: Before correction; None where the score has no pairs.
        regressed: Whether the score has regressed by the test of the comparison.
    """

    estimate: float
    near: float | None
    half_width: float | None
    p_value: float | None
    regressed: bool


def parse_rule(text: str) -> Rule:
    """Return the rule that a text states.

    `exposure_drift` applies where the score has regressed by the test after correction,
    `exposure_drift:suspect` where p < 0.05 before it, `exposure_drift:2.0` where the estimate is
    worse by more than 2.0 in the score's unit, `exposure_drift:1.5ci` by more than 1.5 half-widths
    of the interval; `:sure` after a margin requires the entire interval to be beyond it. `>` may
    replace the first colon.

    Raises:
        UsageError: The text is no rule.
    """
    found = _RULE.fullmatch(text.strip())
    if found is None or (found["score"] == FAILURES and text.strip() != FAILURES):
        raise UsageError(
            "compare by a rule",
            found=f"'{text}' is no rule",
            where="--fail-on, --warn-on or --policy",
            fix=f"write {GRAMMAR}; or '{FAILURES}'",
        )
    margin = found["margin"]
    return Rule(
        text=text.strip(),
        score=found["score"],
        suspect=found["suspect"] is not None,
        margin=None if margin is None else float(margin),
        in_intervals=found["ci"] is not None,
        sure=found["sure"] is not None,
    )


def parse_policy(
    fail_on: Iterable[str] | None = None, warn_on: Iterable[str] | None = None
) -> Policy:
    """Return the policy of these rules; the default rules where a level is None."""
    return Policy(
        tuple(parse_rule(text) for text in (FAIL_ON if fail_on is None else fail_on)),
        tuple(parse_rule(text) for text in (WARN_ON if warn_on is None else warn_on)),
    )


def read_rules(file: Path) -> dict[str, list[str] | None]:
    """Return the rules of a YAML file with the lists `fail` and `warn`, either of them optional.

    Raises:
        UsageError: There is no such file.
        ConfigError: It is not such a file (`policy_invalid`).
    """
    from lvbench.plain_yaml import read_yaml

    try:
        content: Any = read_yaml(file)
    except OSError as error:
        raise UsageError(
            "read the policy", found=str(error.strerror), where=str(file), fix="check the path"
        ) from error
    except ValueError as error:
        raise _no_policy(file, str(error)) from error
    lists = content.values() if isinstance(content, dict) else [None]
    if not all(isinstance(rules, list) and all(isinstance(r, str) for r in rules)
               for rules in lists) or content.keys() - {"fail", "warn"}:  # fmt: skip
        raise _no_policy(file, "it is not two lists of rules")
    return {"fail": content.get("fail"), "warn": content.get("warn")}


def _no_policy(file: Path, found: str) -> ConfigError:
    return ConfigError(
        "read the policy",
        found=found,
        where=str(file),
        fix="write 'fail: [headlines, failures]' and 'warn: [\"headlines:suspect\"]'",
        code="policy_invalid",
    )


def is_broken(rule: Rule, worse: Worsening) -> bool:
    """Return whether a score breaks a rule."""
    if rule.margin is None:
        if not rule.suspect:
            return worse.regressed
        suspect = worse.p_value is not None and worse.p_value < SIZE
        return worse.regressed or (suspect and worse.near is not None and worse.near > 0)
    margin = rule.margin
    if rule.in_intervals:
        if worse.half_width is None:
            return False
        margin *= worse.half_width
    reached = worse.near if rule.sure else worse.estimate
    return reached is not None and reached > margin


def worst(levels: Iterable[Level]) -> Level:
    """Return the worst level; `pass` where there are none."""
    return max(levels, key=LEVELS.index, default="pass")
