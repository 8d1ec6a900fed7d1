from __future__ import annotations

import pytest

from lvbench.video.audio.clock import AudioClock

RATE = 1000


def placed(*stamps: float | None, length: int = 100) -> tuple[list[tuple[int, int]], AudioClock]:
    clock, found = AudioClock(RATE), []
    for stamp in stamps:
        hole, overlap = clock.place(stamp, length)
        clock.advance(hole + length - overlap)
        found.append((hole, overlap))
    return found, clock


def test_rounded_stamps_move_nothing_and_do_not_add_up() -> None:
    found, clock = placed(*(k * 0.1 + 0.004 * (-1) ** k for k in range(50)))
    assert set(found) == {(0, 0)}
    assert clock.repairs == 0


def test_the_first_stamp_may_lie_before_the_picture() -> None:
    _, clock = placed(-0.5)
    assert clock.time == pytest.approx(-0.4)


def test_a_hole_is_filled_and_what_follows_keeps_its_time() -> None:
    found, clock = placed(0.0, 0.35, 0.45)
    assert found == [(0, 0), (250, 0), (0, 0)]
    assert clock.time == pytest.approx(0.55)
    assert clock.repairs == 0


def test_an_overlap_is_dropped_and_counted() -> None:
    found, clock = placed(0.0, 0.06, 0.16)
    assert found == [(0, 0), (0, 40), (0, 0)]
    assert clock.time == pytest.approx(0.26)
    assert clock.repairs == 1


@pytest.mark.parametrize("stamp", [-50.0, 1e6])
def test_a_clock_set_anew_is_not_followed(stamp: float) -> None:
    found, clock = placed(0.0, stamp, stamp + 0.1)
    assert found == [(0, 0)] * 3
    assert clock.time == pytest.approx(0.3)
    assert clock.repairs == 1


def test_without_stamps_samples_follow_each_other() -> None:
    found, clock = placed(None, None, 0.2)
    assert found == [(0, 0)] * 3
    assert clock.time == pytest.approx(0.3)
