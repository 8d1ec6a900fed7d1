"""How a schedule is followed, on similarities that are known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.metrics.common.schedule import Schedule, kendall_tau

ABC = [(0.0, "a"), (4.0, "b"), (8.0, "c")]


def schedule(shown: list[int], prompts: list[tuple[float, str]] = ABC) -> Schedule:
    """Return a schedule with one frame a second; frame `i` shows prompt `shown[i]`."""
    t = np.arange(len(shown), dtype=np.float64)
    similarity = np.full((len(shown), len(prompts)), 0.2)
    similarity[np.arange(len(shown)), shown] = 0.3
    return Schedule(prompts, t, similarity)


def kinds(found: Schedule) -> list[tuple[str, str, float, float]]:
    return [
        (e.kind, str(e.details["prompt"]), e.start, e.end) for e in found.untold(*found.shown(1.0))
    ]


def test_what_follows_at_once_has_no_lag_and_no_leakage() -> None:
    found = schedule([0] * 4 + [1] * 4 + [2] * 4)
    assert found.own().tolist() == [0.3] * 12
    assert found.leakage() == pytest.approx(-0.1)
    assert [e.end - e.start for e in found.switches()] == [0.0, 0.0]
    centres, due, shown = found.shown(1.0)
    assert kendall_tau(due, shown) == pytest.approx(1.0)
    assert kinds(found) == []
    assert centres.tolist() == [i + 0.5 for i in range(12)]


def test_lags_are_found_exactly() -> None:
    found = schedule([0] * 5 + [1] * 6 + [2])
    assert [(e.kind, e.start, e.end) for e in found.switches()] == [
        ("switch_followed", 4.0, 5.0),
        ("switch_followed", 8.0, 11.0),
    ]
    assert np.count_nonzero(found.leakage() > 0) == 4


def test_one_stray_frame_does_not_move_the_lag() -> None:
    found = schedule([0] * 6 + [1, 1] + [2, 1, 2, 2])
    assert [e.end - e.start for e in found.switches()] == [2.0, 0.0]


def test_a_switch_that_is_never_followed_is_missed() -> None:
    found = schedule([0] * 8 + [2] * 4)
    assert [e.kind for e in found.switches()] == ["switch_missed", "switch_followed"]
    assert kinds(found) == [("prompt_missing", "b", 4.5, 7.5)]


def test_backwards_is_minus_one_and_no_order_is_zero() -> None:
    backwards = schedule([2] * 4 + [1] * 4 + [0] * 4).shown(1.0)
    assert kendall_tau(*backwards[1:]) == pytest.approx(-1.0)
    constant = schedule([1] * 12).shown(1.0)
    assert kendall_tau(*constant[1:]) == 0.0


def test_a_prompt_shown_again_is_repeated() -> None:
    found = schedule([0] * 4 + [1] * 4 + [0] * 2 + [2] * 2)
    assert kinds(found) == [("prompt_repeated", "a", 8.5, 9.5)]


def test_a_single_stray_segment_is_no_repetition() -> None:
    assert kinds(schedule([0] * 4 + [1] * 4 + [2, 0, 2, 2])) == []


def test_a_text_that_is_due_twice_may_be_shown_twice() -> None:
    prompts = [(0.0, "a"), (4.0, "b"), (8.0, "a")]
    t = np.arange(12, dtype=np.float64)
    similarity = np.full((12, 3), 0.2)
    similarity[[*range(4), *range(8, 12)]] += [0.1, 0.0, 0.1]
    similarity[4:8, 1] += 0.1
    found = Schedule(prompts, t, similarity)
    assert found.texts == ["a", "b"]
    assert kinds(found) == []
    assert kendall_tau(*found.shown(1.0)[1:]) == pytest.approx(1.0)
    assert (found.leakage() < 0).all()
    assert len(found.switches()) == 2


def test_the_same_text_again_is_no_switch() -> None:
    prompts = [(0.0, "a"), (4.0, "a"), (8.0, "b")]
    assert len(schedule([0] * 8 + [2] * 4, prompts).switches()) == 1


def test_what_is_due_after_the_end_is_left_out() -> None:
    found = schedule([0] * 4 + [1] * 3)
    assert found.texts == ["a", "b"]
    assert len(found.switches()) == 1


@pytest.mark.parametrize("start", [0.0, 2.0])
def test_before_the_first_prompt_it_is_the_first_that_is_due(start: float) -> None:
    similarity: NDArray[np.float64] = np.array([[0.3, 0.1]] * 3 + [[0.1, 0.3]] * 3)
    found = Schedule([(start, "a"), (3.0, "b")], np.arange(6.0), similarity)
    assert found.own().tolist() == [0.3] * 6
