"""Windows cover a clip without a hole, and share what they are told to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvbench.generators.contract.plan import Limits
from lvbench.generators.diffusers.windows import raised, windows


@given(
    frames=st.integers(1, 400),
    steps=st.integers(1, 12),
    multiple=st.integers(1, 8),
    overlap=st.integers(1, 8),
)
def test_every_frame_is_made_once(frames: int, steps: int, multiple: int, overlap: int) -> None:
    limits = Limits(multiple, 1, most_frames=multiple * (steps + 8) + 1)
    done = 0
    for window in windows(frames, limits, overlap):
        assert window.first == done
        assert window.shared == (overlap if done else 0)
        assert window.made % multiple == 1 % multiple
        assert window.shared + window.count <= window.made <= (limits.most_frames or 0)
        done += window.count
    assert done == frames


def test_the_last_window_is_as_short_as_it_can_be() -> None:
    found = [(w.first, w.count, w.made) for w in windows(20, Limits(4, 1, 9), 1)]
    assert found == [(0, 9, 9), (9, 8, 9), (17, 3, 5)]


def test_without_a_window_there_is_one() -> None:
    assert [w.made for w in windows(30, Limits(4, 1), 1)] == [33]


def test_windows_that_are_all_shared_are_refused() -> None:
    with pytest.raises(ValueError, match="windows of 9 frames that share 9"):
        list(windows(20, Limits(4, 1, 9), 9))
    assert len(list(windows(9, Limits(4, 1, 9), 9))) == 1


def test_the_next_number_that_fits() -> None:
    limits = Limits(4, 1)
    assert [raised(value, limits) for value in (1, 2, 5, 6, 80, 81)] == [1, 5, 5, 9, 81, 81]
