"""Bars add up, wide ranges get a logarithmic axis, and rare words stand together."""

from __future__ import annotations

import pytest

from lvbench.audit.distributions import histogram, quantities, words
from lvbench.audit.row import Row


def test_every_file_is_in_a_bar() -> None:
    found = histogram("Length", [1.0, 2.0, 2.5, 4.0, None], "s")
    assert found is not None
    counted = [int(bar.title.rsplit(": ", 1)[1].split()[0]) for bar in found.bars]
    assert sum(counted) == 4
    assert max(bar.height for bar in found.bars) == 100.0
    assert found.title == "Length, s"
    assert found.summary == "median 2.25, 1 not known"


def test_a_wide_range_has_a_logarithmic_axis() -> None:
    found = histogram("Bit rate", [1.0, 10.0, 100.0, 1000.0])
    assert found is not None
    assert "log scale" in found.summary
    assert len({round(bar.x) for bar in found.bars}) == 4


@pytest.mark.parametrize("values", [[], [None, None], [3.0, 3.0]])
def test_what_is_unknown_or_the_same_everywhere_is_not_drawn(values: list[float | None]) -> None:
    assert histogram("Motion", values) is None


def test_equal_values_are_one_line() -> None:
    rows = [Row(str(i), str(i), "ok", seconds=5.0 + i, frozen=0.0) for i in range(3)]
    drawn, constants = quantities(rows)
    assert [one.title for one in drawn] == ["Length, s"]
    assert constants == ["frozen fraction 0 %"]


def test_rare_words_stand_together() -> None:
    found = words("Codec", ["h264"] * 5 + [f"c{i}" for i in range(9)] + [None])
    assert found.counts[0] == ("h264", 5, 100.0)
    assert found.counts[-1][:2] == ("3 others", 3)
    assert sum(n for _, n, _ in found.counts) == 14
