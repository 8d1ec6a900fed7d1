"""Bytes are shown in a unit that can be read, with their interval; nothing else is touched."""

from __future__ import annotations

import pytest

from lvbench.report.tables.table import score_cell
from lvbench.report.tables.units import readable
from lvbench.results.schema import Score


def score(value: float | None, unit: str = "bytes") -> Score:
    return Score(
        value=value,
        ci_low=None if value is None else 0.9 * value,
        ci_high=None if value is None else 1.1 * value,
        ci_method="boot-t1000",
        n_expected=9,
        n_scored=9,
        n_failed=0,
        higher_is_better=False,
        unit=unit,
        status="not_applicable" if value is None else "ok",
        measured=True,
    )


@pytest.mark.parametrize(
    ("value", "shown", "unit"),
    [(3.2e9, "3.20 ± 0.32", "GB"), (1.0e8, "100 ± 10", "MB"), (512.0, "512 ± 51", "bytes")],
)
def test_bytes_are_shown_in_the_largest_unit_that_fits(value: float, shown: str, unit: str) -> None:
    found = readable(score(value))
    assert found.unit == unit
    assert score_cell(found).display == shown
    assert "measured while the videos were made" in score_cell(found).hover


def test_other_scores_stay() -> None:
    for one in (score(3e9, "s"), score(None)):
        assert readable(one) is one
