from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lvbench.metrics import delta_drift
from lvbench.metrics.drift.delta_drift import DeltaDrift
from lvbench.results.schema import ItemScore, Series


def sharpness(y: Any) -> dict[str, ItemScore]:
    t = (0.25 + 0.5 * np.arange(len(y))).tolist()
    series = {"sharpness": Series(t=t, y=np.asarray(y, float).tolist())}
    return {"sharpness_drift": ItemScore(value=1.0, series=series)}


def test_it_is_the_difference_of_the_ends() -> None:
    y = np.random.default_rng(0).normal(size=300)
    expected = abs(y[:45].mean() - y[-45:].mean())
    assert delta_drift(np.arange(300) / 30, y).value == pytest.approx(expected, rel=1e-12)


def test_a_part_of_a_segment_counts_for_its_part() -> None:
    """15 % of 16 segments are 2.4."""
    y = np.arange(16.0) ** 2
    first = (0 + 1 + 0.4 * 4) / 2.4
    last = (15**2 + 14**2 + 0.4 * 13**2) / 2.4
    assert DeltaDrift().derive(sharpness(y)).value == pytest.approx(last - first)


def test_it_sees_neither_sign_nor_middle() -> None:
    rising = np.linspace(0, 1, 40)
    middle = np.where((np.arange(40) > 6) & (np.arange(40) < 33), -9.0, 0.0)
    t = np.arange(40)
    assert delta_drift(t, rising).value == pytest.approx(delta_drift(t, -rising).value)
    assert delta_drift(t, middle).value == 0


def test_the_ends_are_of_equal_time_where_values_are_missing() -> None:
    t = np.delete(np.arange(100.0), [2, 3, 4, 5, 6, 7])
    found = delta_drift(t, t).value
    assert found == pytest.approx(np.mean(t[t >= 85]) - np.mean(t[t < 15]))


@pytest.mark.parametrize("n", [0, 1, 6])
def test_too_few_values_get_a_code(n: int) -> None:
    assert delta_drift(np.arange(n), np.ones(n)).code == "too_short"
    assert DeltaDrift().derive(sharpness(np.ones(n))).code == "too_short"


def test_its_parameters_are_checked() -> None:
    for share in (0.0, 0.6):
        with pytest.raises(ValueError, match="share"):
            DeltaDrift(share)


def test_wrong_arrays_are_refused() -> None:
    wrong: list[tuple[Any, Any]] = [
        ([0, 1], [1, 2, 3]),
        ([1, 0], [1, 2]),
        ([0, 1], [1, np.nan]),
    ]
    for t, y in wrong:
        with pytest.raises(ValueError, match="t and y"):
            delta_drift(t, y)
