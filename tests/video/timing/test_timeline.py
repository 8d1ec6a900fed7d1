"""The documented repair of each kind of unusable time stamp."""

from __future__ import annotations

from fractions import Fraction

import pytest

from lvbench.video.timing.timeline import Timeline

MS = Fraction(1, 1000)


def place(ticks: list[int | None], **settings: bool) -> tuple[list[float], int]:
    timeline = Timeline(MS, 0.04, **settings)
    return [timeline.place(tick) for tick in ticks], timeline.repairs


@pytest.mark.parametrize(
    ("ticks", "expected", "repairs"),
    [
        ([500, 540, 600], [0, 0.04, 0.1], 0),
        ([0, 40, 40, 80], [0, 0.04, 0.04004, 0.08], 1),
        ([0, 40, 30, 80], [0, 0.04, 0.04004, 0.08], 1),
        ([0, None, 80], [0, 0.04, 0.08], 1),
        ([5000, 5040, 0, 40], [0, 0.04, 0.08, 0.12], 1),
        ([None, None, 700, 740], [0, 0.04, 0.08, 0.12], 2),
    ],
)
def test_repairs(ticks: list[int | None], expected: list[float], repairs: int) -> None:
    times, count = place(ticks)
    assert times == pytest.approx(expected)
    assert count == repairs


def test_containers_without_stamps_need_no_repair_at_the_end() -> None:
    times, count = place([2, 42, None, None], stamped=False)
    assert times == pytest.approx([0, 0.04, 0.08, 0.12])
    assert count == 0


def test_start_is_kept() -> None:
    timeline = Timeline(MS, 0.04)
    timeline.place(1400)
    assert timeline.start == 1.4
