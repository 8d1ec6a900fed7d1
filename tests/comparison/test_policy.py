from __future__ import annotations

from pathlib import Path

import pytest

from lvbench.comparison.policy import Rule, Worsening, is_broken, parse_rule, read_rules, worst
from lvbench.errors import ConfigError, UsageError


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("exposure_drift", Rule("exposure_drift", "exposure_drift")),
        ("seam:suspect", Rule("seam:suspect", "seam", suspect=True)),
        ("a.b@c:2.5", Rule("a.b@c:2.5", "a.b@c", margin=2.5)),
        ("freeze>1ci", Rule("freeze>1ci", "freeze", margin=1.0, in_intervals=True)),
        ("freeze:0:sure", Rule("freeze:0:sure", "freeze", margin=0.0, sure=True)),
        ("failures", Rule("failures", "failures")),
    ],
)
def test_rules_are_read_as_they_are_written(text: str, rule: Rule) -> None:
    assert parse_rule(text) == rule


@pytest.mark.parametrize(
    "text",
    ["", "a b", "a:", "a:-1", "a:2x", "a:suspect:sure", "a:2.0:surely", "failures:2", "a::2"],
)
def test_what_is_no_rule_is_refused_with_the_grammar(text: str) -> None:
    with pytest.raises(UsageError, match="SCORE:suspect"):
        parse_rule(text)


def test_rule_without_an_interval_does_not_hold_by_chance() -> None:
    few = Worsening(9.0, None, None, 0.01, regressed=False)
    assert not is_broken(parse_rule("a"), few)
    assert not is_broken(parse_rule("a:suspect"), few)
    assert not is_broken(parse_rule("a:1ci"), few)
    assert not is_broken(parse_rule("a:1:sure"), few)
    assert is_broken(parse_rule("a:8"), few)


def test_improvement_breaks_no_rule() -> None:
    better = Worsening(-9.0, -11.0, 2.0, 0.001, regressed=False)
    assert not any(is_broken(parse_rule(r), better) for r in ("a", "a:suspect", "a:0", "a:0ci"))


def test_worst_level_counts() -> None:
    assert worst([]) == "pass"
    assert worst(["warn", "fail", "pass"]) == "fail"


def test_policy_file(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text("fail: [headlines, 'exposure_drift:2.0']\n", "utf-8")
    assert read_rules(file) == {"fail": ["headlines", "exposure_drift:2.0"], "warn": None}
    for wrong in ("fail: 3\n", "fial: [a]\n", "[a]\n", "fail: [1]\n", "a: [\n", ""):
        file.write_text(wrong, "utf-8")
        with pytest.raises(ConfigError) as caught:
            read_rules(file)
        assert caught.value.code == "policy_invalid"
    with pytest.raises(UsageError):
        read_rules(tmp_path / "none.yaml")
