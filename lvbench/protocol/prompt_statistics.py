"""Count categories, words and events of a prompt set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import mean
from typing import Any, get_args

from lvbench.protocol.prompt_checks import gaps_of
from lvbench.protocol.prompt_set import CATEGORIES, DIFFICULTIES, Lasting, StoryPrompt
from lvbench.protocol.prompt_words import words

COLUMNS = (
    "category",
    "prompts",
    "difficulty 1, 2, 3",
    "segments",
    "words per segment",
    "switches",
    "cuts",
    "returns",
    "sounds",
)


def category_rows(prompts: Sequence[StoryPrompt]) -> list[tuple[str, ...]]:
    """Return the cells of `COLUMNS` for every category present, and for all of them."""
    of = {c: [p for p in prompts if p.category == c] for c in CATEGORIES}
    rows = [_row(category, found) for category, found in of.items() if found]
    return [*rows, _row("all", prompts)]


def _row(name: str, prompts: Sequence[StoryPrompt]) -> tuple[str, ...]:
    levels = Counter(prompt.difficulty for prompt in prompts)
    lengths = [len(segment.text.split()) for prompt in prompts for segment in prompt.segments]
    return (
        name,
        str(len(prompts)),
        ", ".join(str(levels[level]) for level in DIFFICULTIES),
        str(len(lengths)),
        f"{mean(lengths):.1f}" if lengths else "",
        *(
            str(sum(len(found) for found in column))
            for column in (
                [prompt.switches for prompt in prompts],
                [prompt.cuts for prompt in prompts],
                [prompt.returns() for prompt in prompts],
                [prompt.sounds for prompt in prompts],
            )
        ),
    )


def prompt_statistics(prompts: Sequence[StoryPrompt]) -> dict[str, Any]:
    """Return the numbers of a prompt set for JSON.

    Returns:
        `categories` (a row each, as `category_rows`), `prompts`, `segments`, `words`,
        `different_words`, `with_switches`, `persist` (in how many segments each word stays, of
        those after a first), `segments_per_prompt` and `gaps` (shares of the clip, ascending).
    """
    texts = [segment.text for prompt in prompts for segment in prompt.segments]
    later = [segment for prompt in prompts for segment in prompt.segments[1:]]
    return {
        "categories": [dict(zip(COLUMNS, row, strict=True)) for row in category_rows(prompts)[:-1]],
        "prompts": len(prompts),
        "segments": len(texts),
        "words": sum(len(text.split()) for text in texts),
        "different_words": len({word for text in texts for word in words(text)}),
        "with_switches": sum(bool(prompt.switches) for prompt in prompts),
        "persist": {
            word: sum(word in segment.persist for segment in later) for word in get_args(Lasting)
        },
        "changes": len(later),
        "segments_per_prompt": {
            str(count): found
            for count, found in sorted(Counter(len(p.segments) for p in prompts).items())
        },
        "gaps": sorted(gap for prompt in prompts for gap in gaps_of(prompt)),
    }
