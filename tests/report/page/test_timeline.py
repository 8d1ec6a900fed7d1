from __future__ import annotations

import pytest

from lvbench.report.page.timeline import curve_path, marks, ticks
from lvbench.results.schema import Event, Series


@pytest.mark.parametrize(
    ("seconds", "labels"),
    [
        (10.0, ["0", "2", "4", "6", "8", "10"]),
        (60.0, ["0", "10", "20", "30", "40", "50", "60"]),
        (110.0, ["0", "15", "30", "45", "60", "75", "90", "105"]),
        (0.9, ["0", "0.2", "0.4", "0.6", "0.8"]),
        (0.0, []),
    ],
)
def test_ticks_are_round(seconds: float, labels: list[str]) -> None:
    assert [tick.label for tick in ticks(seconds)] == labels


def test_marks_stand_at_their_time_in_order() -> None:
    events = [Event(kind="cut", start=5.0, end=5.0), Event(kind="loop", start=2.0, end=4.0)]
    loop, cut = marks(events, 10.0)
    assert (loop.kind, loop.x, loop.width) == ("loop", 200.0, 200.0)
    assert (cut.x, cut.width, cut.title) == (500.0, 0.0, "cut, 5.00 s")


def test_curve_fills_its_height_but_not_more_than_its_span_allows() -> None:
    series = Series(t=[0.0, 10.0], y=[1.0, 2.0])
    assert curve_path(series, 10.0, 1.0) == "M0.0 37.0 L1000.0 3.0"
    assert curve_path(series, 10.0, 4.0) == "M0.0 24.2 L1000.0 15.8"


def test_flat_curve_is_a_line_in_the_middle() -> None:
    assert curve_path(Series(t=[0.0, 1.0], y=[3.0, 3.0]), 1.0, 0.0) == "M0.0 20.0 L1000.0 20.0"


def test_curve_breaks_where_segments_have_no_value() -> None:
    path = curve_path(Series(t=[0.5, 1.5, 5.5, 6.5], y=[0.0, 1.0, 1.0, 0.0]), 10.0, 0.0)
    assert [step[0] for step in path.split(" ") if step[0] in "ML"] == ["M", "L", "M", "L"]
