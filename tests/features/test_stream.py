"""Blocks depend on the extractor alone, not on the chunks; one that fails stops alone."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvbench.features.base import Arrays, Extractor, ExtractorSpec, Features, Sampling
from lvbench.features.stream import FeatureStream
from lvbench.video.frames import Frames, Products

FPS = 10.0


class Sums(Extractor):
    """Sum each frame, or each pair; remember the sizes of its calls."""

    def __init__(self, sampling: Sampling, batch: int, fails_at: int = 10**9) -> None:
        self.spec = ExtractorSpec("sums", 1, Products(luma=True), "none", sampling, batch)
        self.calls: list[int] = []
        self.fails_at = fails_at

    def __call__(self, frames: Frames) -> Arrays:
        self.calls.append(len(frames))
        if len(self.calls) == self.fails_at:
            raise RuntimeError("no more")
        assert frames.luma is not None
        sums = frames.luma.reshape(len(frames), -1).sum(axis=1, dtype=np.int64)
        return {"sum": sums if self.spec.sampling == "frames" else sums[:-1] + sums[1:]}


def video(count: int) -> Frames:
    luma = np.random.default_rng(0).integers(0, 256, (count, 4, 6), dtype=np.uint8)
    return Frames(np.arange(count) / FPS, luma)


def run(
    extractors: dict[str, Sums], count: int, cuts: Sequence[int]
) -> dict[str, tuple[list[float], list[int]]]:
    seen: dict[str, list[Features]] = {name: [] for name in extractors}
    stream = FeatureStream(extractors, FPS, lambda name, block: seen[name].append(block))
    whole = video(count)
    edges = [0, *sorted(cuts), count]
    for start, end in pairwise(edges):
        stream.push(whole.take(slice(start, end)))
    stream.finish()
    return {
        name: (
            [float(t) for block in blocks for t in block.t],
            [int(s) for block in blocks for s in block["sum"]],
        )
        for name, blocks in seen.items()
    }


@given(st.integers(1, 30), st.lists(st.integers(0, 30), max_size=6), st.integers(1, 9))
def test_features_and_blocks_do_not_depend_on_the_chunks(
    count: int, cuts: list[int], batch: int
) -> None:
    cuts = [min(c, count) for c in cuts]
    chunked = {"frames": Sums("frames", batch), "pairs": Sums("pairs", batch)}
    at_once = {"frames": Sums("frames", batch), "pairs": Sums("pairs", batch)}
    assert run(chunked, count, cuts) == run(at_once, count, [])
    for name in chunked:
        assert chunked[name].calls == at_once[name].calls


@pytest.mark.parametrize("count", [1, 2, 15, 16, 17, 32, 33, 40])
def test_each_frame_and_each_pair_is_seen_once(count: int) -> None:
    found = run({"frames": Sums("frames", 16), "pairs": Sums("pairs", 16)}, count, [7, 20])
    luma = video(count).luma
    assert luma is not None
    sums = luma.reshape(count, -1).sum(axis=1, dtype=np.int64)
    assert found["frames"][1] == sums.tolist()
    assert found["pairs"][1] == (sums[:-1] + sums[1:]).tolist()
    assert found["frames"][0] == (np.arange(count) / FPS).tolist()
    assert found["pairs"][0] == (np.arange(1, count) / FPS).tolist()


def test_blocks_are_full_but_for_the_last() -> None:
    sums = Sums("frames", 16), Sums("pairs", 16)
    run({"frames": sums[0], "pairs": sums[1]}, 40, [1, 2, 3])
    assert sums[0].calls == [16, 16, 8]
    assert sums[1].calls == [17, 17, 8]


def test_one_extractor_that_fails_stops_alone() -> None:
    good, bad = Sums("frames", 4), Sums("frames", 4, fails_at=2)
    failures: list[tuple[str, str]] = []
    seen: dict[str, int] = {"good": 0, "bad": 0}

    def count(name: str, block: Features) -> None:
        seen[name] += len(block.t)

    stream = FeatureStream(
        {"bad": bad, "good": good}, FPS, count, lambda name, e: failures.append((name, str(e)))
    )
    for start in range(0, 20, 5):
        stream.push(video(20).take(slice(start, start + 5)))
    stream.finish()
    assert failures == [("bad", "no more")]
    assert seen == {"good": 20, "bad": 4}
    assert len(bad.calls) == 2


def test_without_a_listener_the_error_passes_through() -> None:
    stream = FeatureStream({"bad": Sums("frames", 4, fails_at=1)}, FPS, lambda *_: None)
    with pytest.raises(RuntimeError, match="no more"):
        stream.push(video(4))


def test_an_empty_video_gives_nothing() -> None:
    stream = FeatureStream({"any": Sums("pairs", 4)}, FPS, lambda *_: pytest.fail("a block"))
    stream.finish()
