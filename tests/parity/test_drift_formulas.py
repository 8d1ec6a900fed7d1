from __future__ import annotations

from tests.parity import cases_drift_formulas


def test_the_literatures_formulas_equal_the_worked_cases() -> None:
    cases = cases_drift_formulas.cases()
    wrong = [f"{c.name}: {c.ours} against {c.theirs}" for c in cases if not c.holds]
    assert not wrong
    assert {round(c.ours, 1) for c in cases[:5]} == {2.5, 9.2, 35.0, 4.5, 0.5}
