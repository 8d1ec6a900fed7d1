from __future__ import annotations

import numpy as np
import pytest

from lvbench.features.base import Arrays, Extraction, ExtractorSpec
from lvbench.features.paired.per_frame import PerFrame, luma_of_pair, planes_of_pair
from lvbench.video.frames import Frames, Planes, Products


class Number(PerFrame):
    """Emit each frame's first level; refuse 13."""

    def __init__(self, threads: int) -> None:
        self.spec = ExtractorSpec("number", 1, Products(planes=True), "none", batch=1)
        self.threads = threads

    def __call__(self, frames: Frames) -> Arrays:
        assert frames.planes is not None
        level = int(frames.planes.y[0, 0, 0])
        if level == 13:
            raise ValueError("13")
        return {"level": np.full(1, float(level))}


def _frames(levels: list[int], bits: int = 8) -> Frames:
    kind = np.uint8 if bits == 8 else np.uint16
    luma = np.array(levels, kind).reshape(-1, 1, 1).repeat(4, 1).repeat(6, 2)
    return Frames(np.arange(len(levels)) / 8, planes=Planes(luma, None, None, bits))


def _run(extraction: Extraction, frames: Frames) -> tuple[list[float], list[float]]:
    parts = [extraction(frames.take(slice(i, i + 1))) for i in range(len(frames))]
    parts.append(extraction.finish())
    times = np.concatenate([part.t for part in parts])
    levels = np.concatenate([part["level"] for part in parts if len(part.t)])
    return times.tolist(), levels.tolist()


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_what_overlaps_comes_out_in_order(threads: int) -> None:
    levels = list(range(20, 60))
    frames = _frames(levels)
    times, found = _run(_started(threads), frames)
    assert found == levels
    assert times == frames.pts.tolist()


def _started(threads: int) -> Extraction:
    extraction = Number(threads).start(8.0)
    assert isinstance(extraction, Extraction)
    return extraction


@pytest.mark.parametrize("threads", [1, 2])
def test_an_error_in_a_thread_is_raised_where_it_is_fed(threads: int) -> None:
    extraction = _started(threads)
    with pytest.raises(ValueError, match="13"):
        _run(extraction, _frames([1, 2, 13, 4, 5, 6, 7, 8]))
    extraction.close()
    extraction.close()


def test_eight_bits_beside_ten_are_shifted_up() -> None:
    ours, theirs = _frames([16, 235]), _frames([64, 940], bits=10)
    pair = Frames(ours.pts, planes=ours.planes, reference=theirs)
    first, second = planes_of_pair(pair)
    assert first.bits == second.bits == 10
    assert np.array_equal(first.y, second.y)
    luma, real = luma_of_pair(pair, 1)
    assert luma.dtype == np.float32
    assert luma[0, 0] == real[0, 0] == 235.0
