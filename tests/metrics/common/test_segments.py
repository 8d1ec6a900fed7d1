"""Frames fall into segments by their time; drift is told of ten segments or more."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvbench.metrics.base import VideoContext
from lvbench.metrics.common.segments import (
    MINIMUM_SEGMENTS,
    Segments,
    drift_components,
    drift_infos,
    per_segment,
    segment_index,
    shown_windows,
    why_no_drift,
)


@pytest.mark.parametrize("rate", [24, 25, 30, 30000 / 1001, 24000 / 1001, 12.5, 60])
def test_a_frame_on_a_boundary_belongs_to_the_later_segment(rate: float) -> None:
    frames = np.arange(round(rate * 60))
    index = segment_index(frames / rate, 1.0)
    exact = (frames * 1001 // 30000) if rate == 30000 / 1001 else None
    if exact is not None:
        assert index.tolist() == exact.tolist()
    assert (np.diff(index) >= 0).all()
    if float(rate).is_integer():
        assert index.tolist() == (frames // rate).tolist()


def test_a_time_that_rounding_pushed_below_the_boundary_is_on_it() -> None:
    assert segment_index([0.49999999, 0.5, 0.4999], 0.5).tolist() == [1, 1, 0]


def test_means_and_medians_are_over_the_frames_of_each_segment() -> None:
    t, y = np.arange(8) / 8, [0, 0, 0, 8, 1, 2, 3, 4]
    assert per_segment(t, y, 0.5).y.tolist() == [2.0, 2.5]
    assert per_segment(t, y, 0.5, statistic="median").y.tolist() == [0.0, 2.5]
    assert per_segment(t, y, 0.5).t.tolist() == [0.25, 0.75]


def test_a_segment_without_frames_is_left_out() -> None:
    found = per_segment([0.1, 0.2, 2.1, 2.2], [1, 1, 3, 3], 1.0)
    assert (found.t.tolist(), found.y.tolist()) == ([0.5, 2.5], [1.0, 3.0])


@pytest.mark.parametrize(("extra", "segments"), [(0, 2), (1, 2), (4, 2), (5, 3), (10, 3)])
def test_a_last_segment_with_less_than_half_its_frames_is_dropped(
    extra: int, segments: int
) -> None:
    t = np.arange(20 + extra) / 10
    assert len(per_segment(t, t, 1.0).t) == segments


def test_a_frame_counts_in_a_window_as_long_as_it_is_displayed() -> None:
    found = shown_windows([0.0, 0.25, 0.375], [0.0, 4.0, 8.0], 0.5)
    assert found == pytest.approx([0, 0, 2, 5, 8])
    assert shown_windows([3.0, 3.05, 3.1, 3.15], [1, 2, 3, 4], 0.05) == pytest.approx([1, 2, 3, 4])
    assert (shown_windows(np.arange(90) / 24, np.full(90, 0.1), 0.5) == 0.1).all()


def test_times_that_move_by_a_little_move_windows_by_a_little() -> None:
    rng = np.random.default_rng(0)
    t, y = np.arange(80) / 10, np.cumsum(rng.normal(size=80))
    moved = t + rng.uniform(-0.002, 0.002, 80)
    assert np.abs(shown_windows(moved, y, 0.5)[:78] - shown_windows(t, y, 0.5)[:78]).max() < 0.15


def test_no_frames_give_no_segments_and_one_frame_gives_one() -> None:
    assert len(per_segment([], [], 0.5).t) == 0
    assert per_segment([0.0], [3.0], 0.5).y.tolist() == [3.0]


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=60), st.sampled_from([0.2, 0.5, 1.0]))
def test_segments_lie_within_the_values(values: list[float], seconds: float) -> None:
    found = per_segment(np.arange(len(values)) / 10, values, seconds)
    assert found.y.min() >= min(values) - 1e-9
    assert found.y.max() <= max(values) + 1e-9
    assert (np.diff(found.t) > 0).all()


def test_components_are_those_that_are_described() -> None:
    t = np.arange(20) + 0.5
    step = Segments(t, np.where(t < 10, 0.0, 5.0) + 0.01 * np.cos(7 * t))
    flat = Segments(t, np.zeros(20))
    described = drift_infos("Thing", "dB", True, "thing_", tolerance=1.0)
    found = drift_components(step, "thing_", tolerance=1.0)
    assert set(found) == set(described)
    assert found["thing_end_level"] == pytest.approx(5, abs=0.05)
    assert found["thing_onset"] == pytest.approx(10, abs=1)
    assert found["thing_steady"] == 0
    assert found["thing_worst"] == pytest.approx(5, abs=0.1)
    assert found["thing_outside"] == 0.5
    without = drift_components(flat, "thing_")
    assert set(without) == set(described) - {"thing_onset", "thing_outside"}
    assert set(without) == set(drift_infos("Thing", "dB", True, "thing_")) - {"thing_onset"}
    assert without["thing_steady"] == 1
    assert described["thing_onset"].censored_with == "thing_steady"
    assert described["thing_slope_per_minute"].unit == "dB/min"


@pytest.mark.parametrize(
    ("segments", "persist", "code"),
    [
        (MINIMUM_SEGMENTS, None, None),
        (MINIMUM_SEGMENTS, {"light"}, None),
        (MINIMUM_SEGMENTS - 1, None, "too_short"),
        (0, None, "too_short"),
        (MINIMUM_SEGMENTS, {"identity"}, "ordered_change"),
        (MINIMUM_SEGMENTS, set(), "ordered_change"),
        (0, {"identity"}, "ordered_change"),
    ],
)
def test_why_no_drift(segments: int, persist: set[str] | None, code: str | None) -> None:
    context = VideoContext(persist=None if persist is None else frozenset(persist))
    found = why_no_drift(segments, context, "light")
    assert (found.code if found else None) == code
    assert found is None or found.status == "not_applicable"
