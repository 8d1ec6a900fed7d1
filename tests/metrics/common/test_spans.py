from __future__ import annotations

import numpy as np

from lvbench.features.base import Features
from lvbench.metrics.base import VideoContext
from lvbench.metrics.common.spans import Spans


def test_spans_across_declared_and_found_cuts_are_left_out() -> None:
    spans = Spans(VideoContext(cuts=(2.0,)))
    for start in range(6):
        spans.add(start, start + 1, start + 0.5, 10.0 * start)
    spans.add_cuts(Features(np.array([4.5]), {}))
    # A cut at 2 s: the frame there begins one span and ends the one before, which it crosses.
    np.testing.assert_array_equal(
        spans.away_from_cuts(), [[0.5, 0], [2.5, 20], [3.5, 30], [5.5, 50]]
    )


def test_without_cuts_all_are_kept() -> None:
    spans = Spans(VideoContext())
    assert len(spans.away_from_cuts()) == 0
    spans.add(0, 1, 1, 5.0)
    assert spans.away_from_cuts().tolist() == [[1, 5]]
