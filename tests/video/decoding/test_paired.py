from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest

from lvbench.video.decoding.decode import VideoReader
from lvbench.video.decoding.paired import PairedReader, Pairing
from lvbench.video.frames import Frames
from lvbench.video.info import VideoInfo
from lvbench.video.outcome import DecodeOutcome

INFO = VideoInfo(
    path="video.mp4", width=4, height=2, codec="h264",
    pixel_format="yuv420p", bit_depth=8, fps=24.0, duration=1.0, frames_declared=24, rotation=0,
    colour_space="bt709", colour_tagged=True, colour_range="limited", has_audio=False,
    container="mp4", start=0.0,
)  # fmt: skip
GOOD = DecodeOutcome("ok", "ok", "", 24, 1.0, 0, 0, 0)


class Reader:
    """Frames at given times, in chunks of a given size; luma holds the frame's number."""

    def __init__(
        self, times: Sequence[float], chunk: int = 5, outcome: DecodeOutcome = GOOD, **about: Any
    ) -> None:
        self.info = replace(INFO, **about)
        self.outcome = outcome
        self._times, self._chunk = np.asarray(times, np.float64), chunk

    def __iter__(self) -> Iterator[Frames]:
        numbers = np.arange(len(self._times), dtype=np.uint8).reshape(-1, 1, 1)
        for at in range(0, len(numbers), self._chunk):
            part = slice(at, at + self._chunk)
            yield Frames(self._times[part], luma=numbers[part])


def _pair(
    video: Reader, real: Reader, *, partial: bool = False
) -> tuple[list[tuple[int, int | None]], Pairing]:
    """Return every frame of the video with its partner's number, and the pairing."""
    reader = PairedReader(cast(VideoReader, video), cast(VideoReader, real), partial=partial)
    found: list[tuple[int, int | None]] = []
    for chunk in reader:
        assert chunk.luma is not None
        ours = chunk.luma.ravel().tolist()
        theirs: list[int | None] = [None] * len(ours)
        if chunk.reference is not None:
            assert chunk.reference.luma is not None
            theirs = chunk.reference.luma.ravel().tolist()
        found += zip(ours, theirs, strict=True)
    return found, reader.pairing()


def test_frames_pair_one_to_one_whatever_the_chunks() -> None:
    times = np.arange(23) / 24
    found, pairing = _pair(Reader(times, 5), Reader(times + 0.0004, 7))
    assert found == [(i, i) for i in range(23)]
    assert pairing == Pairing(23, 23, 23, (), None)


def test_times_decide_and_not_counting() -> None:
    """A frame that the video lacks leaves all later ones with their own partners."""
    times = np.arange(20) / 24
    found, pairing = _pair(Reader(np.delete(times, 6)), Reader(times))
    assert found == [(i, i if i < 6 else i + 1) for i in range(19)]
    assert pairing.problem is not None
    assert pairing.problem.code == "count_differs"
    assert "19 pairs" in pairing.problem.found
    assert "--partial" in pairing.problem.fix
    found, pairing = _pair(Reader(times), Reader(np.delete(times, 6)))
    assert found[5:8] == [(5, 5), (6, None), (7, 6)]


@pytest.mark.parametrize("longer", ["video", "reference"])
def test_what_is_longer_has_no_partners_at_its_end(longer: str) -> None:
    long, short = Reader(np.arange(30) / 24), Reader(np.arange(12) / 24, 4)
    video, real = (long, short) if longer == "video" else (short, long)
    found, pairing = _pair(video, real)
    assert found[:12] == [(i, i) for i in range(12)]
    assert all(partner is None for _, partner in found[12:])
    assert (pairing.pairs, pairing.frames + pairing.reference_frames) == (12, 42)
    assert pairing.problem is not None
    _, pairing = _pair(video, real, partial=True)
    assert pairing.problem is None
    assert pairing.flags == ("count_differs",)


def test_another_rate_is_refused_unless_asked_for() -> None:
    video = Reader(np.arange(12) / 12, fps=12.0)
    real = Reader(np.arange(24) / 24)
    found, pairing = _pair(video, real)
    assert all(partner is None for _, partner in found)
    assert pairing.problem is not None
    assert pairing.problem.code == "rate_differs"
    found, pairing = _pair(video, real, partial=True)
    assert found == [(i, 2 * i) for i in range(12)]
    assert pairing.flags == ("rate_differs",)


def test_a_rate_that_is_a_thousandth_off_is_said() -> None:
    times = np.arange(12)
    _, pairing = _pair(Reader(times / 30, fps=30.0), Reader(times * 1001 / 30000, fps=29.97))
    assert pairing == Pairing(12, 12, 12, ("rate_differs",), None)


@pytest.mark.parametrize(
    ("about", "code"),
    [
        ({"width": 6}, "size_differs"),
        ({"colour_range": "full"}, "range_differs"),
        ({"colour_transfer": "pq"}, "transfer_differs"),
    ],
)
def test_what_cannot_be_compared_is_refused(about: dict[str, Any], code: str) -> None:
    times = np.arange(12) / 24
    for partial in (False, True):
        found, pairing = _pair(Reader(times, **about), Reader(times), partial=partial)
        assert [number for number, _ in found] == list(range(12))
        assert all(partner is None for _, partner in found)
        assert pairing.problem is not None
        assert pairing.problem.code == code


@pytest.mark.parametrize(
    ("about", "flag"),
    [
        ({"bit_depth": 10, "pixel_format": "yuv420p10le"}, "depth_differs"),
        ({"pixel_format": "yuv444p"}, "chroma_differs"),
        ({"colour_space": "bt601"}, "colour_differs"),
    ],
)
def test_what_differs_and_lets_numbers_stand_is_flagged(about: dict[str, Any], flag: str) -> None:
    times = np.arange(12) / 24
    _, pairing = _pair(Reader(times, **about), Reader(times))
    assert pairing.problem is None
    assert pairing.flags == (flag,)
    ordinary = _pair(Reader(times, colour_transfer="bt709"), Reader(times))[1]
    assert ordinary.flags == ()


def test_a_damaged_reference_gives_no_numbers() -> None:
    times = np.arange(12) / 24
    damaged = replace(GOOD, status="damaged", detail="3 packets refused")
    _, pairing = _pair(Reader(times), Reader(times, outcome=damaged))
    assert pairing.problem is not None
    assert pairing.problem.code == "reference_damaged"
    assert "3 packets" in pairing.problem.found
