from __future__ import annotations

import pytest

from lvbench.report.tables.rounding import bounds, significant, with_interval


@pytest.mark.parametrize(
    ("value", "low", "high", "text"),
    [
        (0.81234, 0.79834, 0.82634, "0.812 ± 0.014"),
        (345.678, 333.6, 357.6, "346 ± 12"),
        (3456.7, 3336.7, 3576.7, "3460 ± 120"),
        (-7.2, -7.97, -6.43, "−7.20 ± 0.77"),
        (0.5, 0.4004, 0.5996, "0.50 ± 0.10"),
        (0.00001234, 0.00001134, 0.00001334, "1.23e−05 ± 1.0e−06"),
        (1.234e-9, 1.134e-9, 1.334e-9, "1.23e−09 ± 1.0e−10"),
        (2.0, 2.0, 2.0, "2.00 ± 0"),
        (41.0, 33.0, None, "41.0 (≥ 33.0)"),
        (41.0, None, 50.0, "41.0 (≤ 50.0)"),
        (0.123456, None, None, "0.123"),
        (0.0, None, None, "0"),
        (-0.0001, -0.1, 0.1, "0.00 ± 0.10"),
        (1.2145, 0.702, 3.753, "1.21 [0.70, 3.75]"),
        (3.009, 1.310, 9.241, "3.0 [1.3, 9.2]"),
        (-0.33, -1.44, 0.29, "−0.33 [−1.44, 0.29]"),
        (0.2, 0.101, 0.296, "0.200 [0.101, 0.296]"),
        (0.0, 0.0, 0.3, "0.00 [0.00, 0.30]"),
        (0.9958181, 0.995811, 0.995822, "0.995818 [0.995811, 0.995822]"),
        (5.0, 4.999, 9.0, "5.00 [5.00, 9.00]"),
    ],
)
def test_digits_follow_the_interval(
    value: float, low: float | None, high: float | None, text: str
) -> None:
    assert with_interval(value, low, high) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.99999, "1.00"), (123456.0, "123000"), (1234567.0, "1.23e+06"), (9.996, "10.0")],
)
def test_three_significant_digits(value: float, text: str) -> None:
    assert significant(value) == text


def test_bounds_are_exact_and_open_where_there_is_none() -> None:
    assert bounds(-1.0, 2.123456) == "[−1, 2.12346]"
    assert bounds(3.0, None) == "[3, ∞]"


def test_zero_within_a_tiny_interval_is_plain_zero() -> None:
    assert with_interval(0.0, -9e-7, 9e-7) == "0 ± 9.0e\N{MINUS SIGN}07"
