"""Findings and verdicts on tables whose answer is known."""

from __future__ import annotations

from lvbench.metrics.verdicts import Verdict
from lvbench.validity.condition import Condition
from lvbench.validity.declarations import Reaction
from lvbench.validity.findings import Finding, find, verdict
from lvbench.validity.measures import Case, Cases
from lvbench.validity.validation import joined

BLUR = Reaction("blur", "", "falls")


def source(blur: list[float], dark: float = 0.0, crf: float = 0.0) -> Cases:
    """Return a score that is 0 on the untouched clip."""
    found = {Condition("fault", "blur", d): Case(v, 0.0) for d, v in enumerate(blur, 1)}
    found[Condition("fault", "dark", 2.0)] = Case(dark, 0.0)
    found[Condition("presentation", "crf")] = Case(crf, 0.0)
    return found


GOOD = [-1.0, -2.0, -3.0]
LOST = [-1.0, -3.0, -2.0]


def found(cases: list[Cases]) -> Finding:
    sources = {f"s{i}": one for i, one in enumerate(cases)}
    return find("sharpness", sources, [BLUR], ["dark"])


def drifting(against: int, steady: int, random: int = 0) -> Finding:
    """Return the finding on clips that drift against a ramp, steady ones, and chance."""
    kinds = [([7.5, 6.0, 9.0], 8.0)] * against + [([1.5, 4.0, 9.0], 0.5)] * steady
    kinds += [([9.0, 6.0, 9.5], 8.0)] * random
    sources = {
        f"s{i}": {
            Condition("fault", "dark", float(d)): Case(v, base) for d, v in enumerate(values, 1)
        }
        for i, (values, base) in enumerate(kinds)
    }
    return find("exposure", sources, [Reaction("dark", "", "rises")], (), ["dark"])


def result(finding: Finding) -> tuple[str, str]:
    one = verdict(finding, version=1, identity="abc")
    return one.status, "; ".join(one.reasons)


def test_a_score_passes_with_one_lost_source_in_ten() -> None:
    assert result(found([source(GOOD, dark=0.1)] * 9 + [source(LOST)])) == ("passed", "")


def test_two_lost_sources_in_ten_fail_it() -> None:
    status, why = result(found([source(GOOD)] * 8 + [source(LOST)] * 2))
    assert status == "failed"
    assert why == "blur: falls in the order of the doses on 8 of 10 sources"


def test_clips_that_drift_against_a_ramp_do_not_count() -> None:
    finding = drifting(against=3, steady=4)
    (reaction,) = finding.reactions
    assert (str(reaction.share), reaction.opposed) == ("4 of 4", ("s0", "s1", "s2"))
    assert result(finding) == ("passed", "")


def test_a_ramp_needs_half_of_the_sources_and_its_order_on_them() -> None:
    assert result(drifting(against=5, steady=4)) == (
        "failed", "dark: rises in the order of the doses on 4 of 4 sources, and 5 drift against it"
    )  # fmt: skip
    assert result(drifting(against=1, steady=4, random=1))[0] == "failed"


def test_a_reaction_to_what_is_ignored_fails_it() -> None:
    finding = found([source(GOOD, dark=0.1)] * 8 + [source(GOOD, dark=1.0)] * 2)
    assert str(finding.ignored_share) == "8 of 10"
    status, why = result(finding)
    assert status == "failed"
    assert "dark 0.05 of its own reaction (small on 8 of 10 sources)" in why


def test_what_was_not_tried_is_named() -> None:
    sources = {"a": source(GOOD)}
    assert result(find("sharpness", sources, [], [])) == (
        "not tried",
        "its card declares no reaction",
    )
    more = find("sharpness", sources, [BLUR, Reaction("noise", "", "rises")], ["dark"])
    assert result(more) == ("not tried", "not tried with noise")


def test_presentations_are_compared_with_the_smallest_own_dose() -> None:
    finding = found([source(GOOD, crf=0.05), source(GOOD, crf=0.2)])
    assert str(finding.still_share) == "1 of 2"
    assert finding.presentations == {"crf": {"s0": 0.05, "s1": 0.2}}


def test_the_smallest_dose_is_that_of_half_of_the_sources() -> None:
    small = [source(GOOD), source([-0.01, -2.0, -3.0]), source([-0.01, -0.02, -3.0])]
    (reaction,) = found([*small, source(GOOD, crf=0.1)]).reactions
    assert reaction.smallest == {"s0": 1.0, "s1": 2.0, "s2": 3.0, "s3": 1.0}
    assert reaction.smallest_dose == 1.0


def test_what_was_not_tried_keeps_its_verdict_until_the_metric_changes() -> None:
    old = {
        name: Verdict(status="passed", identity="old") for name in ("same", "changed", "elsewhere")
    }
    new = {
        "same": Verdict(status="not tried", identity="old"),
        "changed": Verdict(status="not tried", identity="new"),
        "tried": Verdict(status="failed", identity="new"),
    }
    found = {name: one.status for name, one in joined(old, new).items()}
    assert found == {
        "same": "passed", "changed": "not tried", "elsewhere": "passed", "tried": "failed",
    }  # fmt: skip
