"""Which conditions a source gets, and which metrics are scored under each."""

from __future__ import annotations

from lvbench.validity.condition import Condition
from lvbench.validity.declarations import Declaration, Reaction
from lvbench.validity.faults.catalogue import FAULTS
from lvbench.validity.planting import Conditions, plan

STAGED = frozenset({"subject", "object", "view"})
SHARP = Declaration((Reaction("blur_ramp", "", "falls"),), ("dark_ramp",))
SUBJECT = Declaration((Reaction("subject_swapped", "", "falls"),), ("blur_ramp",))


def chosen(*names: str, doses: int = 3) -> Conditions:
    return Conditions({n: FAULTS[n] for n in names}, ["still"], ["crf_28"], doses)


def test_a_fault_without_a_declared_reaction_has_its_middle_dose_alone() -> None:
    found = [one.condition for one in plan(chosen("blur_ramp", "dark_ramp"), {"a": SHARP}, STAGED)]
    assert found[0] == Condition("untouched")
    assert sum(c.name == "blur_ramp" for c in found) == 3
    assert [c.dose for c in found if c.name == "dark_ramp"] == [FAULTS["dark_ramp"].doses[1]]
    assert {c.name for c in found if c.kind in ("cheat", "presentation")} == {"still", "crf_28"}


def test_a_metric_of_the_subject_is_tried_on_a_clip_with_one() -> None:
    both = {"sharp": SHARP, "subject": SUBJECT}
    found = plan(chosen("blur_ramp", "subject_swapped"), both, STAGED)
    by = {one.condition: one.metrics for one in found}
    assert len(by) == len(found)
    middle = FAULTS["blur_ramp"].doses[1]
    assert by[Condition("fault", "blur_ramp", middle, "subject")] == {"subject"}
    assert by[Condition("fault", "blur_ramp", middle)] == frozenset()
    assert by[Condition("presentation", "crf_28", base="subject")] == {"subject"}
    assert by[Condition("untouched", base="subject")] == frozenset()


def test_a_source_that_cannot_have_it_is_left_out() -> None:
    found = plan(chosen("subject_swapped"), {"subject": SUBJECT}, frozenset())
    assert {one.condition.base for one in found} == {""}


def test_a_source_with_prompts_serves_their_faults_alone() -> None:
    needs = STAGED | {"prompts", "audio"}
    found = plan(chosen("blur_ramp", "prompt_late"), {"a": SHARP}, needs)
    assert {one.condition.base for one in found} == {"prompts"}
