from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.features.base import Arrays
from lvbench.features.flow.vbench_flow import VbenchFlow
from lvbench.features.stream import FeatureStream
from lvbench.video.frames import Frames, Products
from tests.features.flow.raft_tensors import gratings


class Recorder(VbenchFlow):
    """Give the brightness of a pair's two frames in the place of their flow."""

    def encode(self, batch: NDArray[np.uint8]) -> Arrays:
        first, second = batch[:-1, 0, 0, 0], batch[1:, 0, 0, 0]
        return {"top": first * 1000.0 + second, "shorter_side": np.full(len(first), 4)}


def taken(fps: float | None, count: int, chunk: int) -> tuple[list[float], list[tuple[int, int]]]:
    """Return the times of the pairs and the indices of their frames."""
    rgb = np.broadcast_to(np.arange(count, dtype=np.uint8)[:, None, None, None], (count, 4, 4, 3))
    frames = Frames(np.arange(count) / (fps or 10.0), rgb=rgb)
    times: list[float] = []
    pairs: list[tuple[int, int]] = []

    def consume(_: str, features: object) -> None:
        times.extend(features.t)  # type: ignore[attr-defined]
        pairs.extend(divmod(int(x), 1000) for x in features["top"])  # type: ignore[index]

    stream = FeatureStream({"vbench_flow": Recorder()}, fps, consume)
    for start in range(0, count, chunk):
        stream.push(frames.only(Products(rgb=True)).take(slice(start, start + chunk)))
    stream.finish()
    return times, pairs


@pytest.mark.parametrize("chunk", [1, 5, 64])
@pytest.mark.parametrize(
    ("fps", "interval"), [(24.0, 3), (30.0, 4), (8.0, 1), (4.0, 1), (60.0, 8), (None, 1), (20.0, 2)]
)
def test_frames_are_thinned_by_count(fps: float | None, interval: int, chunk: int) -> None:
    times, pairs = taken(fps, 30, chunk)
    index = list(range(0, 30, interval))
    assert pairs == list(pairwise(index))
    np.testing.assert_allclose(times, np.array(index[1:]) / (fps or 10.0))


def test_one_frame_gives_no_pair() -> None:
    assert taken(24.0, 3, 1) == ([], [])


@pytest.mark.assets
def test_the_largest_flows_are_vbenchs(assets: Path) -> None:
    """Its code gives this on these frames with RAFT-small's weights and 12 iterations."""
    extractor = Small(iterations=12)
    path = assets / "assets" / "flow" / "raft-small.pth"
    extractor._network = extractor.load({"raft_small": path}, "cpu")
    found = extractor(Frames(np.arange(2) / 8.0, rgb=gratings(131, 150)))
    assert found["top"] == pytest.approx(3.30617356300354, rel=1e-5)
    assert found["shorter_side"] == 131


class Small(VbenchFlow):
    """The same reading of the network whose weights are at hand."""

    constructor = "raft_small"
