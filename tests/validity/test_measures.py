"""Measures of reactions on tables whose answer is known."""

from __future__ import annotations

import pytest

from lvbench.validity.condition import Condition
from lvbench.validity.measures import (
    Case,
    Cases,
    against_own_drift,
    correlation,
    fault_ratio,
    noise,
    own_reaction,
    presentation_ratio,
    ratio,
    smallest_found,
    spearman,
    usual_changes,
)


def cases(base: float | None, **faults: list[float | None]) -> Cases:
    """Return a score on one source: values at doses 1, 2, 3 by fault or presentation `p_...`."""
    found: dict[Condition, Case] = {}
    for name, values in faults.items():
        if name.startswith("p_"):
            found[Condition("presentation", name)] = Case(values[0], base)
        else:
            for dose, value in enumerate(values, 1):
                found[Condition("fault", name, float(dose))] = Case(value, base)
    return found


def test_ties_take_their_mean_rank() -> None:
    assert spearman([0, 1, 2, 3], [0, 0, 0, 1]) == pytest.approx(0.7746, abs=1e-4)
    assert spearman([0, 1, 2, 3], [5, 5, 5, 5]) == 0.0
    assert spearman([0, 1, 2, 3], [9, 4, 2, 1]) == -1.0


@pytest.mark.parametrize(
    ("sign", "values", "expected"),
    [
        ("rises", [1.0, 2.0, 3.0], 1.0),
        ("falls", [1.0, 2.0, 3.0], -1.0),
        ("falls", [-1.0, -2.0, -3.0], 1.0),
        ("grows", [-1.0, -2.0, -3.0], 1.0),
        ("rises", [1.0, 3.0, 2.0], 0.8),
        ("rises", [1.0, None, 3.0], 0.0),
    ],
)
def test_the_correlation_is_positive_where_the_sign_is_as_declared(
    sign: str, values: list[float | None], expected: float
) -> None:
    found = correlation(cases(0.0, blur=values), "blur", sign)  # type: ignore[arg-type]
    assert found == pytest.approx(expected)


def test_the_untouched_clip_is_the_dose_of_zero() -> None:
    # From 2.5, the first dose falls and the others rise.
    assert correlation(cases(2.5, blur=[2.0, 3.0, 4.0]), "blur", "rises") == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("values", "threshold", "expected"),
    [
        ([0.0, 2.0, 3.0], None, 0.949),
        ([0.0, 2.0, 3.0], 0.0, 1.0),
        ([-0.1, 2.0, 3.0], 0.1, 1.0),
        ([-0.1, 2.0, 3.0], 0.05, 0.8),
        ([-0.2, 2.0, 3.0], 0.5, 0.8),  # a tenth of the middle dose
        ([0.1, 3.0, 2.0], 0.1, 0.5),
        ([0.0, 0.0, 3.0], 0.1, 0.775),
        ([0.2, 0.0, 3.0], 0.1, 0.632),
    ],
)
def test_a_dose_that_is_not_found_is_no_wrong_order(
    values: list[float | None], threshold: float | None, expected: float
) -> None:
    found = correlation(cases(0.0, noise=values), "noise", "rises", threshold)
    assert found == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize(
    ("base", "values", "usual", "expected"),
    [
        (6.0, [5.0, 4.0, 7.0], [1.0, 3.0, 9.0], True),
        (6.0, [5.0, 4.0, 3.0], [1.0, 3.0, 9.0], True),
        (6.0, [7.0, 9.0, 15.0], [1.0, 3.0, 9.0], False),  # as declared: it counts
        (6.0, [5.0, 7.0, 6.5], [1.0, 3.0, 9.0], False),  # falls again
        (6.0, [5.0, 5.0, 7.0], [1.0, 3.0, 9.0], False),  # a tie
        (6.0, [7.0, 5.0, 8.0], [1.0, 3.0, 9.0], False),  # rises first
        (0.4, [0.3, 2.0, 7.0], [1.0, 3.0, 9.0], False),  # too steady to hide the smallest dose
        (4.0, [3.0, 2.0, 1.0], [1.0, 3.0, 9.0], False),  # too steady to hide the largest dose
        (6.0, [5.0, None, 7.0], [1.0, 3.0, 9.0], False),
        (None, [5.0, 4.0, 7.0], [1.0, 3.0, 9.0], False),
    ],
)
def test_a_ramp_against_a_clips_own_drift_lowers_the_score_first(
    base: float | None, values: list[float | None], usual: list[float], expected: bool
) -> None:
    by_dose = dict(enumerate(usual, 1))
    assert against_own_drift(cases(base, dark=values), "dark", "rises", by_dose) is expected
    if base is not None and None not in values:
        mirrored = cases(-base, dark=[-value for value in values if value is not None])
        assert against_own_drift(mirrored, "dark", "falls", by_dose) is expected


def test_the_usual_change_is_the_median_over_sources() -> None:
    sources = {
        "a": cases(0.0, dark=[1.0, 2.0, None]),
        "b": cases(5.0, dark=[4.0, 9.0, 9.0]),
        "c": cases(0.0, dark=[3.0, 3.0, 6.0]),
        "d": cases(None, dark=[3.0, 3.0, 6.0]),
    }
    assert usual_changes(sources, "dark") == {1.0: 1.0, 2.0: 3.0, 3.0: 5.0}


def test_a_source_without_a_value_does_not_count() -> None:
    assert correlation(cases(None, blur=[1.0, 2.0, 3.0]), "blur", "rises") is None
    assert correlation(cases(0.0), "blur", "rises") is None


def test_noise_is_the_quantile_of_changes_by_presentations() -> None:
    sources = {f"s{i}": cases(1.0, p_crf=[1.0 + i / 100], blur=[9.0, 9.0, 9.0]) for i in range(101)}
    assert noise(sources) == pytest.approx(0.95)
    assert noise({"a": cases(0.0, blur=[1.0, 2.0, 3.0])}) is None


def test_the_smallest_dose_found_is_followed_by_larger_ones_that_are_found() -> None:
    found = cases(0.0, blur=[0.5, 0.1, 2.0], noise=[0.3, 0.4, 0.5], hue=[-1.0, -2.0, -3.0])
    assert smallest_found(found, "blur", "rises", 0.2) == 3.0
    assert smallest_found(found, "noise", "rises", 0.2) == 1.0
    assert smallest_found(found, "noise", "rises", 0.5) is None
    assert smallest_found(found, "hue", "rises", 0.2) is None
    assert smallest_found(found, "hue", "grows", 0.2) == 1.0


def test_ratios_are_to_the_strongest_own_fault_at_its_middle_dose() -> None:
    found = cases(1.0, blur=[2.0, 5.0, 9.0], dark=[1.0, 3.0, 3.0], hue=[1.0, 0.8, 7.0], p_crf=[1.1])
    assert own_reaction(found, ["blur", "dark"]) == 4.0
    assert own_reaction(found, ["dark"]) == 2.0
    assert fault_ratio(found, "hue", ["blur", "dark"]) == pytest.approx(0.05)
    assert presentation_ratio(found, "p_crf", ["blur", "dark"]) == pytest.approx(0.1)
    assert fault_ratio(found, "noise", ["blur"]) is None
    assert fault_ratio(found, "hue", ["noise"]) is None


def test_a_reaction_to_nothing_own_is_infinitely_large() -> None:
    assert ratio(0.1, 0.0) == float("inf")
    assert ratio(0.0, 0.0) == 0.0
    assert ratio(None, 1.0) is None
