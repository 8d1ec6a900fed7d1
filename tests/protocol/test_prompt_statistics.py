"""The numbers of a prompt set, and the page that prints them."""

from __future__ import annotations

from pathlib import Path

import pytest

from lvbench.protocol.load import protocols_folder
from lvbench.protocol.prompt_set import CATEGORIES, Segment, StoryPrompt, read_prompt_set
from lvbench.protocol.prompt_statistics import COLUMNS, category_rows, prompt_statistics

PAGE = Path(__file__).resolve().parents[2] / "docs" / "prompts.md"


@pytest.fixture(scope="module")
def standard() -> list[StoryPrompt]:
    return read_prompt_set(protocols_folder() / "prompts-standard-v1.jsonl")


def test_a_small_set_is_counted_as_by_hand() -> None:
    shots = [(0.0, "yard"), (0.25, None), (0.5, "yard"), (0.75, None)]
    segments = tuple(
        Segment(at=at, text="One goat stands.", persist=("style",) if k else ("scene",), view=view)
        for k, (at, view) in enumerate(shots)
    )
    prompt = StoryPrompt(
        id="return-01-yard",
        category="return",
        difficulty=2,
        segments=segments,
        cuts=(1, 2),
        switches=(3,),
    )
    counts = ("1", "0, 1, 0", "4", "3.0", "1", "2", "1", "0")
    assert category_rows([prompt]) == [("return", *counts), ("all", *counts)]
    numbers = prompt_statistics([prompt])
    assert numbers["categories"] == [dict(zip(COLUMNS, ("return", *counts), strict=True))]
    assert (numbers["words"], numbers["different_words"], numbers["with_switches"]) == (12, 3, 1)
    assert numbers["persist"] == {"identity": 0, "scene": 0, "light": 0, "style": 3}
    assert numbers["gaps"] == [0.25]


def test_the_standard_set_is_balanced(standard: list[StoryPrompt]) -> None:
    rows = category_rows(standard)
    assert [row[0] for row in rows] == [*CATEGORIES, "all"]
    assert {row[1:3] for row in rows[:-1]} == {("12", "4, 4, 4")}


def test_the_page_prints_the_numbers_of_the_set(standard: list[StoryPrompt]) -> None:
    page = PAGE.read_text("utf-8")
    for row in (COLUMNS, *category_rows(standard)):
        assert f"| {' | '.join(row)} |" in page
    numbers = prompt_statistics(standard)
    assert f"{numbers['words']:,} words, {numbers['different_words']:,} different" in page
