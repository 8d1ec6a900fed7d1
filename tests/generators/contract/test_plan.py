"""Whatever a generator cannot make as asked is rounded to what it can, and said."""

from __future__ import annotations

from pathlib import Path

import pytest

from lvbench.errors import GeneratorError
from lvbench.generators.contract.plan import Limits, even_seams, fitting, nearest_plan
from lvbench.generators.contract.types import GeneratorInfo, Request, Schedule
from lvbench.video.manifest.entry import Prompt

ONE = (Prompt(text="a"),)
TWO = (*ONE, Prompt(start=2.0, text="b"))


def request(prompts: tuple[Prompt, ...] = ONE, image: Path | None = None) -> Request:
    return Request("a", prompts, 5.0, 16.0, 320, 192, 0, image)


def info(schedule: Schedule = "native", **more: object) -> GeneratorInfo:
    return GeneratorInfo("model", "1", "none", schedule=schedule, **more)  # type: ignore[arg-type]


def test_what_can_be_made_as_asked_has_no_notes() -> None:
    plan = nearest_plan(info(), request(TWO))
    assert (plan.frames, plan.fps, plan.width, plan.height, plan.notes) == (80, 16, 320, 192, ())


@pytest.mark.parametrize(
    ("value", "multiple", "plus", "found"),
    [
        *((80, 4, 1, 81), (78, 4, 1, 77), (79, 4, 1, 81), (81, 4, 1, 81), (0, 4, 1, 1)),
        *((320, 16, 0, 320), (330, 16, 0, 336), (3, 16, 0, 16), (97, 8, 1, 97), (100, 8, 1, 97)),
    ],
)
def test_the_nearest_that_fits(value: int, multiple: int, plus: int, found: int) -> None:
    assert fitting(value, multiple, plus) == found


def test_frames_rate_and_size_that_differ_are_said() -> None:
    limits = Limits(frames_multiple=4, frames_plus=1, size_multiple=32)
    asked = Request("a", ONE, 5.0, 24.0, 310, 180, 0)
    plan = nearest_plan(info(fps=16.0), asked, limits)
    assert (plan.frames, plan.fps, plan.width, plan.height) == (81, 16.0, 320, 192)
    assert plan.notes == (
        "16 frames per second instead of 24: the generator's rate",
        "81 frames instead of 80: the nearest supported number",
        "320x192 pixels instead of 310x180: the nearest supported size",
    )


def test_a_clip_that_is_too_long_is_refused_and_not_cut() -> None:
    with pytest.raises(GeneratorError) as caught:
        nearest_plan(info(), request(), Limits(most_frames=49))
    assert caught.value.code == "clip_too_long"
    assert "80 frames requested, at most 49 supported (3.1 s)" in caught.value.found
    assert nearest_plan(info(), request(), Limits(4, 1, most_frames=80)).frames == 80


@pytest.mark.parametrize(
    ("schedule", "notes"),
    [
        ("native", ()),
        ("unknown", ()),
        ("first_only", ("only the first prompt is read; 1 later ignored",)),
        ("none", ("prompts are ignored",)),
        ("per_chunk", ("a prompt takes effect with the next chunk, up to 2 s late",)),
    ],
)
def test_what_becomes_of_later_prompts_is_said(schedule: Schedule, notes: tuple[str, ...]) -> None:
    chunked = info(schedule, chunk_seconds=2.0)
    assert nearest_plan(chunked, request(TWO)).notes == notes
    assert nearest_plan(chunked, request()).notes == (notes if schedule == "none" else ())


def test_a_picture_that_is_not_taken_is_said() -> None:
    given = request(image=Path("first.png"))
    assert nearest_plan(info(), given).notes == ("the image input is ignored",)
    assert nearest_plan(info(conditions_on=("text", "image")), given).notes == ()


@pytest.mark.parametrize(
    ("every", "seconds", "found"),
    [
        (2.0, 6.0, (2.0, 4.0)),
        (2.0, 6.5, (2.0, 4.0, 6.0)),
        (2.0, 2.0, ()),
        (3.0, 2.0, ()),
        (0.1, 0.3, pytest.approx((0.1, 0.2))),
    ],
)
def test_even_seams_lie_within_the_clip(
    every: float, seconds: float, found: tuple[float, ...]
) -> None:
    assert even_seams(every, seconds) == found
