from __future__ import annotations

import numpy as np
import pytest

from lvbench.stats.spans import equal_spans


def laid_out(*counts: int, step: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    t = np.concatenate([np.arange(n) * step + 0.3 for n in counts])
    return t, np.repeat(np.arange(len(counts)), counts)


def test_each_window_of_the_fewest_has_its_span() -> None:
    found = equal_spans(*laid_out(12, 12, 12), most=12, fewest=4)
    assert found is not None
    assert found.windows.tolist() == [[k, k + 12, k + 24] for k in range(12)]
    assert found.edges == pytest.approx(np.arange(13) - 0.2)
    assert found.centres == pytest.approx(np.arange(12) + 0.3)


def test_spans_hold_the_same_videos_as_often() -> None:
    t, video = laid_out(40, 37, 61, 38, 40, 39, 44, 41, 37, 52)
    found = equal_spans(t, video, most=12, fewest=4)
    assert found is not None
    assert found.videos == 10
    counts = {tuple(np.bincount(video[row], minlength=10)) for row in found.windows}
    assert counts == {(3,) * 10}
    for k, row in enumerate(found.windows):
        assert (t[row] >= found.edges[k] - 1e-9).all()
        assert (t[row] <= found.edges[k + 1] + 1e-9).all()


def test_the_shortest_tenth_is_left_out() -> None:
    found = equal_spans(*laid_out(3, *[20] * 9), most=12, fewest=4)
    assert found is not None
    assert (found.videos, found.left_out) == (9, 1)
    assert equal_spans(*laid_out(3, 3, *[20] * 8), most=12, fewest=4) is None


def test_too_few_windows_make_no_spans() -> None:
    assert equal_spans(*laid_out(3, 3), most=12, fewest=4) is None
    assert equal_spans(*laid_out(1, 1), most=12, fewest=4) is None
    four = equal_spans(*laid_out(4, 4, step=7.0), most=12, fewest=4)
    assert four is not None
    assert len(four.windows) == 4


def test_times_a_little_apart_are_the_same() -> None:
    t, video = laid_out(12, 12)
    moved = t + np.where(video == 1, 1e-9, 0.0)
    found, same = equal_spans(moved, video, 12, 4), equal_spans(t, video, 12, 4)
    assert found is not None
    assert same is not None
    assert np.array_equal(found.windows, same.windows)
