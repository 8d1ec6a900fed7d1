"""Which frames are taken, and which windows they make, whatever chunks they come in."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvbench.features.base import ExtractorSpec, Sampling, Windows
from lvbench.features.sampling import BlockSampler
from lvbench.video.frames import Frames, Products


def spec(
    sampling: Sampling = "frames",
    batch: int = 4,
    rate: float | None = None,
    windows: Windows | None = None,
) -> ExtractorSpec:
    return ExtractorSpec(
        "any", 1, Products(luma=True), "none", sampling, batch, rate=rate, windows=windows
    )


def blocks(
    about: ExtractorSpec, pts: Sequence[float], cuts: Sequence[int] = ()
) -> list[list[float]]:
    """Return the times of every block's frames, the video arriving in pieces."""
    times = np.asarray(pts, np.float64)
    luma = np.arange(len(times), dtype=np.uint8)[:, None, None]
    sampler = BlockSampler(about, lambda frames: frames)
    found = []
    for start, end in pairwise([0, *sorted(cuts), len(times)]):
        found += list(sampler.push(Frames(times[start:end], luma[start:end])))
    found += list(sampler.finish())
    for block in found:
        assert block.luma is not None
        assert [times[i] for i in block.luma.ravel()] == block.pts.tolist()
    return [block.pts.tolist() for block in found]


def clock(fps: float, count: int) -> list[float]:
    return [i / fps for i in range(count)]


@pytest.mark.parametrize("fps", [24.0, 25.0, 30.0, 30000 / 1001, 60.0])
def test_a_rate_takes_the_first_frame_at_or_after_each_tick(fps: float) -> None:
    times = clock(fps, 200)
    taken = [t for block in blocks(spec(rate=2.0), times) for t in block]
    ticks = [k / 2 for k in range(int(times[-1] * 2 + 1e-6) + 1)]
    assert taken == [next(t for t in times if t >= tick - 1e-6) for tick in ticks]


def test_a_rate_above_the_videos_takes_each_frame_once() -> None:
    times = clock(8.0, 20)
    assert [t for block in blocks(spec(rate=30.0), times) for t in block] == times


def test_a_gap_in_the_times_costs_the_ticks_within_it_alone() -> None:
    times = [*clock(10.0, 10), *(5 + i / 10 for i in range(10))]
    taken = [t for block in blocks(spec(rate=2.0), times) for t in block]
    assert taken == [0.0, 0.5, 5.0, 5.5]


def test_windows_back_to_back_drop_what_the_end_cuts_off() -> None:
    about = spec("windows", batch=2, windows=Windows(length=4))
    found = blocks(about, clock(10.0, 19))
    assert [len(block) for block in found] == [8, 8]
    assert [t for block in found for t in block] == clock(10.0, 16)


def test_windows_may_overlap() -> None:
    about = spec("windows", batch=1, windows=Windows(length=6, every=0.3))
    found = blocks(about, clock(10.0, 13))
    assert [block[0] for block in found] == pytest.approx([0.0, 0.3, 0.6])
    assert all(len(block) == 6 for block in found)


def test_windows_may_leave_gaps_start_late_and_be_few() -> None:
    windows = Windows(length=2, start=1.0, every=1.0, most=3)
    found = blocks(spec("windows", batch=8, windows=windows), clock(10.0, 100))
    assert found == [pytest.approx([1.0, 1.1, 2.0, 2.1, 3.0, 3.1])]


def test_windows_are_made_of_the_frames_that_the_rate_leaves() -> None:
    about = spec("windows", batch=1, rate=5.0, windows=Windows(length=3))
    assert blocks(about, clock(10.0, 12)) == [
        pytest.approx([0.0, 0.2, 0.4]),
        pytest.approx([0.6, 0.8, 1.0]),
    ]


SPECS = [
    spec(batch=3, rate=7.0),
    spec("pairs", batch=3, rate=7.0),
    spec("windows", batch=2, windows=Windows(length=3)),
    spec("windows", batch=2, windows=Windows(length=5, every=0.25)),
    spec("windows", batch=1, rate=6.0, windows=Windows(length=2, start=0.4, every=0.7, most=2)),
]


@given(st.sampled_from(SPECS), st.integers(1, 60), st.lists(st.integers(0, 60), max_size=6))
def test_blocks_do_not_depend_on_the_chunks(
    about: ExtractorSpec, count: int, cuts: list[int]
) -> None:
    times = clock(20.0, count)
    assert blocks(about, times, [min(c, count) for c in cuts]) == blocks(about, times)
