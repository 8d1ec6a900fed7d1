"""A clip that is not what was planned is refused while it comes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.errors import GeneratorError
from lvbench.generators.contract.frame_check import FrameCheck
from lvbench.generators.contract.types import ClipPlan, GeneratorInfo

PLAN = ClipPlan(8, 8.0, 32, 16)


def check(plan: ClipPlan = PLAN, chunk_seconds: float | None = 0.5) -> FrameCheck:
    info = GeneratorInfo("model", "1", "none", chunk_seconds=chunk_seconds)
    return FrameCheck(info, plan, "a")


def chunks(*lengths: int) -> Iterator[NDArray[np.uint8]]:
    return (np.zeros((length, 16, 32, 3), np.uint8) for length in lengths)


def test_chunks_begin_with_seams_unless_the_plan_knows_them() -> None:
    counted = check()
    assert [len(c) for c in counted.counted(chunks(4, 2, 2))] == [4, 2, 2]
    assert counted.seams == (0.5, 0.75)
    planned = check(ClipPlan(8, 8.0, 32, 16, seams=(0.25,)))
    assert list(planned.counted(chunks(4, 4)))
    assert planned.seams == (0.25,)


@pytest.mark.parametrize(
    ("lengths", "code", "found"),
    [
        ((4, 3), "clip_truncated", "7 of 8 planned frames"),
        ((), "clip_truncated", "0 of 8 planned frames"),
        ((4, 5), "clip_differs", "more than the 8 planned frames"),
    ],
)
def test_another_number_of_frames_is_refused(
    lengths: tuple[int, ...], code: str, found: str
) -> None:
    with pytest.raises(GeneratorError, match=found) as caught:
        list(check().counted(chunks(*lengths)))
    assert caught.value.code == code


@pytest.mark.parametrize(
    "chunk",
    [
        np.zeros((8, 32, 16, 3), np.uint8),
        np.zeros((8, 16, 32, 3), np.float32),
        np.zeros((16, 32, 3), np.uint8),
    ],
    ids=["turned", "floats", "one frame"],
)
def test_another_form_is_refused(chunk: NDArray[np.uint8]) -> None:
    with pytest.raises(GeneratorError) as caught:
        list(check().counted(iter([chunk])))
    assert caught.value.code == "clip_differs"
