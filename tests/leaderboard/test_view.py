from __future__ import annotations

from pathlib import Path

from lvbench.leaderboard.board import sections
from lvbench.leaderboard.build import build
from lvbench.leaderboard.collect import collect
from lvbench.leaderboard.view import bars, cost_axis
from lvbench.results.schema import Score


def _cost(value: float, half: float = 0.1) -> dict[str, Score]:
    return {
        "cost": Score(
            value=value, ci_low=value - half, ci_high=value + half, n_expected=9, n_scored=9,
            n_failed=0, higher_is_better=False, unit="s/s", measured=True,
        )
    }  # fmt: skip


def test_marks_are_in_order_within_the_drawing() -> None:
    axis = cost_axis([_cost(0.5), _cost(40.0, 5.0), {}, _cost(0.05)])
    assert axis is not None
    first, second, none, third = axis.marks
    assert first is not None
    assert second is not None
    assert third is not None
    assert none is None
    assert 0 < third.x < first.low < first.x < first.high < second.low < second.high < 1000
    assert third.low == third.high == third.x, "a bound below 0 has no place on the axis"
    assert [tick.label for tick in axis.ticks] == ["0.1", "1", "10"]
    assert second.display == "40.0 ± 5.0 s/s"


def test_no_cost_gives_no_axis() -> None:
    assert cost_axis([{}, {}]) is None


def test_cost_is_shown_and_not_ranked(root: Path, add_row) -> None:  # type: ignore[no-untyped-def]
    add_row("good", {"exposure_drift": 1.0, "cost": 50.0})
    add_row("cheap", {"exposure_drift": 9.0, "cost": 0.5})
    add_row("silent", {"exposure_drift": 20.0})
    (section,) = sections(collect(root, {})["lvb-smoke"])
    assert [entry.row.model for entry in section.entries] == ["good", "cheap", "silent"]
    drawn, axis = bars(section)
    assert axis is not None
    assert [bar.cost is None for bar in drawn] == [False, False, True]
    page = build(root)["lvb-smoke/board.html"]
    assert "50.00 ± 0.10 s/s generation time per second" in page
    assert "cost unknown" in page
