"""Write a comparison as plain JSON, for programs."""

from __future__ import annotations

from typing import Any

from lvbench.comparison.compare import Comparison
from lvbench.comparison.scores import Difference, SetDifference
from lvbench.report.tables.describe import describe
from lvbench.results.run import Run
from lvbench.results.schema import Score

SCHEMA = 1
_RESULT = ("base", "head", "difference", "low", "high", "method", "p_value")
_SIZES = ("n_pairs", "effect_size", "minimum_detectable")


def comparison_record(comparison: Comparison) -> dict[str, Any]:
    """Return the comparison as plain JSON; `schema` rises when a key changes its meaning."""
    pairing, rules = comparison.pairing, comparison.policy
    return {
        "schema": SCHEMA,
        "level": comparison.level,
        "regressed": bool(comparison.regressions),
        "base": _run(comparison.base),
        "head": _run(comparison.head),
        "mismatched": list(comparison.mismatched),
        "not_compared": dict(comparison.not_compared),
        "policy": {
            "fail": [rule.text for rule in rules.fail],
            "warn": [rule.text for rule in rules.warn],
        },
        "paired_by": pairing.by,
        "pairs": len(pairing.pairs),
        "only_base": list(pairing.only_base),
        "only_head": list(pairing.only_head),
        "failures": {"level": comparison.failures_level, "videos": list(comparison.failures)},
        "differences": {d.key: _difference(d) for d in comparison.differences},
        "sets": {d.key: _set(d) for d in comparison.sets},
        "lost": {
            lost.key: {
                "level": lost.level,
                "status": lost.head.status if lost.head else "absent",
                "code": lost.head.code if lost.head else None,
            }
            for lost in comparison.lost
        },
    }


def _run(run: Run) -> dict[str, Any]:
    record = run.record
    return {
        "folder": run.folder.resolve().name,
        "title": record.title,
        "status": record.status,
        "protocol": record.protocol.model_dump(),
        "signature": record.signature,
    }


def _difference(found: Difference) -> dict[str, Any]:
    result = found.result
    return {
        "statistic": describe(found.key).statistic,
        **{key: getattr(result, key) for key in _RESULT},
        "p_adjusted": found.p_adjusted,
        **{key: getattr(result, key) for key in _SIZES},
        "unit": found.unit,
        "higher_is_better": found.higher_is_better,
        **_outcome(found),
    }


def _set(found: SetDifference) -> dict[str, Any]:
    return {
        "statistic": describe(found.key).statistic,
        "base": _interval(found.base),
        "head": _interval(found.head),
        "difference": found.difference,
        "method": "intervals_apart",
        "unit": found.head.unit,
        "higher_is_better": found.head.higher_is_better,
        **_outcome(found),
    }


def _outcome(found: Difference | SetDifference) -> dict[str, Any]:
    return {"outcome": found.outcome, "level": found.level, "reasons": list(found.reasons)}


def _interval(score: Score) -> dict[str, Any]:
    return {"value": score.value, "low": score.ci_low, "high": score.ci_high}
