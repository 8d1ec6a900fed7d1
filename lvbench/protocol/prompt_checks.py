"""Check a prompt set and list its faults by line and key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

from lvbench.protocol.prompt_rules import GAPS, rule_faults, writing_faults
from lvbench.protocol.prompt_set import (
    CATEGORIES,
    DIFFICULTIES,
    StoryPrompt,
    parse_prompt,
    prompt_lines,
)
from lvbench.protocol.prompt_words import content, jaccard, shingles

FEWEST_PROMPTS, FEWEST_WITH_SWITCHES, FEWEST_GAPS = 120, 24, 3
MOST_SHARED_RUNS, MOST_SHARED_WORDS = 0.1, 0.5
"""Largest Jaccard index of two storylines (runs of three words), of two segments (words)."""

Numbered = tuple[int, StoryPrompt]
"""Line number and storyline."""


class PromptFault(NamedTuple):
    """A fault: line (0 for the entire set), key, and message."""

    line: int
    key: str
    message: str


def check_prompt_set(path: str | Path, whole: bool = True) -> list[PromptFault]:
    """Return the faults of a prompt set, in the order of its lines; none of a valid one.

    Args:
        path: The file.
        whole: Check size and balance of a standard set too.

    Raises:
        ConfigError: The file cannot be read.
    """
    faults: list[PromptFault] = []
    prompts: list[tuple[int, StoryPrompt]] = []
    for number, text in enumerate(prompt_lines(Path(path)), 1):
        try:
            prompt = parse_prompt(text)
        except ValueError as error:
            key, _, message = str(error).partition(": ")
            faults.append(PromptFault(number, key, message))
            continue
        prompts.append((number, prompt))
        for key, message in (*rule_faults(prompt), *writing_faults(prompt)):
            faults.append(PromptFault(number, key, message))
    faults += [PromptFault(*fault) for fault in _duplicates(prompts)]
    faults.sort(key=lambda fault: fault.line)
    if not prompts and not faults:
        faults.append(PromptFault(0, "the set", "no prompt"))
    elif whole:
        faults += [PromptFault(0, *fault) for fault in _imbalances([p for _, p in prompts])]
    return faults


def _duplicates(prompts: Sequence[Numbered]) -> Iterator[tuple[int, str, str]]:
    """Yield (line, key, message) of every id, number or text that an earlier line has."""
    ids: dict[str, int] = {}
    numbers: dict[str, int] = {}
    for line, prompt in prompts:
        number = "-".join(prompt.id.split("-")[:2])
        if prompt.id in ids:
            yield line, "id", f"{prompt.id} is in line {ids[prompt.id]} too"
        elif number in numbers:
            yield line, "id", f"{number} is in line {numbers[number]} too"
        ids.setdefault(prompt.id, line)
        numbers.setdefault(number, line)
    yield from _alike(prompts)


def _alike(prompts: Sequence[Numbered]) -> Iterator[tuple[int, str, str]]:
    runs = [
        frozenset().union(*(shingles(segment.text) for segment in prompt.segments))
        for _, prompt in prompts
    ]
    texts = [[content(segment.text) for segment in prompt.segments] for _, prompt in prompts]
    for a, b in combinations(range(len(prompts)), 2):
        (there, first), (line, _) = prompts[a], prompts[b]
        shared = jaccard(runs[a], runs[b])
        if shared > MOST_SHARED_RUNS:
            message = f"{shared:.0%} of its runs of three words are those of {first.id}"
            yield line, "segments", f"{message}, line {there}"
        for k, text in enumerate(texts[b]):
            near, which = max((jaccard(other, text), n) for n, other in enumerate(texts[a]))
            if near > MOST_SHARED_WORDS:
                message = f"{near:.0%} of its words are those of {first.id}, segment {which}"
                yield line, f"segments.{k}.text", f"{message}, line {there}"


def _imbalances(prompts: Sequence[StoryPrompt]) -> Iterator[tuple[str, str]]:
    """Yield (key, message) of every imbalance of the set."""
    if len(prompts) < FEWEST_PROMPTS:
        yield "the set", f"{len(prompts)} prompts; at least {FEWEST_PROMPTS}"
    found = Counter(prompt.category for prompt in prompts)
    counts = {category: found[category] for category in CATEGORIES}
    if max(counts.values()) - min(counts.values()) > 1:
        yield "category", f"not balanced: {_listed(counts)}"
    for category in CATEGORIES:
        of_it = Counter(prompt.difficulty for prompt in prompts if prompt.category == category)
        levels = {level: of_it[level] for level in DIFFICULTIES}
        if max(levels.values()) - min(levels.values()) > 1:
            yield "difficulty", f"{category} is not balanced: {_listed(levels)}"
    switching = sum(bool(prompt.switches) for prompt in prompts)
    if switching < FEWEST_WITH_SWITCHES:
        yield "switches", f"{switching} prompts have some; at least {FEWEST_WITH_SWITCHES}"
    gaps = [gap for prompt in prompts if prompt.category == "return" for gap in gaps_of(prompt)]
    for above, most in GAPS.values():
        count = sum(above < gap <= most for gap in gaps)
        if count < FEWEST_GAPS:
            found_gaps = f"{count} gaps of {above:g} to {most:g} of the clip"
            yield "view", f"{found_gaps}; at least {FEWEST_GAPS}"


def gaps_of(prompt: StoryPrompt) -> list[float]:
    """Return the time that each view is away before it comes back, as shares of the clip."""
    return [found.back - found.left for found in prompt.returns()]


def _listed(counts: Mapping[Any, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())
