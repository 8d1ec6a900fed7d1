from __future__ import annotations

import numpy as np

from lvbench.features.base import Features
from lvbench.metrics.base import VideoContext
from lvbench.metrics.common.onsets import Onsets


def flow(t: list[float], speed: list[float], light: list[int]) -> Features:
    """Return features of `dis` with one speed in pixels and one luma per frame."""
    n = len(t)
    forward = np.zeros((n, 6, 8, 2), np.float32)
    forward[..., 0] = np.asarray(speed)[:, None, None]
    gray = np.broadcast_to(np.asarray(light, np.uint8)[:, None, None], (n + 1, 6, 8))
    return Features(np.asarray(t), {"forward": forward, "gray": gray, "dt": np.full(n, 0.1)})


def test_only_what_grows_is_an_onset_also_across_blocks() -> None:
    whole, split = Onsets(VideoContext()), Onsets(VideoContext())
    speeds, light = [1.0, 1.0, 3.0, 2.0], [10, 10, 10, 30, 20]
    t = [0.1, 0.2, 0.3, 0.4]
    whole.add_flow(flow(t, speeds, light))
    split.add_flow(flow(t[:2], speeds[:2], light[:3]))
    split.add_flow(flow(t[2:], speeds[2:], light[2:]))
    rows = whole.pairs.values().reshape(-1, 3)
    assert np.array_equal(rows, split.pairs.values().reshape(-1, 3))
    # Two pixels more per 0.1 s on a diagonal of ten, and 20 levels in 0.1 s.
    assert np.allclose(rows, [[0.1, 0, 0], [0.2, 0, 0], [0.3, 2, 200], [0.4, 0, 0]])


def test_cuts_found_and_declared_are_marked() -> None:
    onsets = Onsets(VideoContext(cuts=(0.3,)), cuts=[0.1])
    assert onsets.at_cuts(np.array([0.1, 0.2, 0.3])).tolist() == [True, False, True]
