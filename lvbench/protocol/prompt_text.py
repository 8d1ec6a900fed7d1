"""Check the wording of segments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from lvbench.protocol.prompt_set import StoryPrompt
from lvbench.protocol.prompt_words import (
    BRANDS,
    HARMFUL,
    POINTERS,
    PRONOUNS,
    SOUNDS,
    content,
    quoted,
    unquoted,
    words,
)

Fault = tuple[str, str]
"""Key at fault, and message."""

FEWEST_WORDS, MOST_WORDS = 8, 45
NAMED_AGAIN, NAMED_IN_VIEW = 4, 5
"""Least number of content words shared by two segments that show the same."""

_PLAIN = re.compile(r"[A-Za-z ,.;:'-]*")
_SIGN = re.compile(r"[A-Za-z0-9 +=]+")


def writing_faults(prompt: StoryPrompt) -> Iterator[Fault]:
    """Yield the faults in the texts of a storyline."""
    for k, segment in enumerate(prompt.segments):
        signs = prompt.category == "text_and_signs"
        for message in (*_letters(segment.text, signs), *_vocabulary(segment.text)):
            yield f"segments.{k}.text", message
    yield from _named_again(prompt)
    yield from _sounds(prompt)


def _letters(text: str, signs: bool) -> Iterator[str]:
    count = len(text.split())
    if not FEWEST_WORDS <= count <= MOST_WORDS:
        yield f"{count} words; {FEWEST_WORDS} to {MOST_WORDS}"
    plain = unquoted(text)
    foreign = sorted(set(_PLAIN.sub("", plain)))
    if foreign:
        yield f"characters {' '.join(foreign)}; English letters and , . ; : ' - only"
    if not text.endswith(".") or text.endswith(".."):
        yield "does not end in one full stop"
    if " ".join(text.split()) != text:
        yield "spaces that are doubled or at an end"
    if not text[:1].isupper():
        yield "does not begin with a capital letter"
    if any(letter.isupper() for letter in plain[1:]):
        yield "a capital letter within: no names, one sentence"
    if quoted(text) and not signs:
        yield "a quotation; text to read belongs in text_and_signs"
    for sign in quoted(text):
        if not _SIGN.fullmatch(sign) or sign != sign.upper():
            yield f'"{sign}": text to read is in capitals, figures, + and ='


def _vocabulary(text: str) -> Iterator[str]:
    found = words(text)
    for banned, why in (
        (BRANDS, "a brand"),
        (HARMFUL, "harm"),
        (POINTERS, "it points at another segment"),
    ):
        yield from (f"'{word}': {why}" for word in sorted(set(found) & banned))
    if found and found[0] in PRONOUNS:
        yield f"begins with '{found[0]}'; name the subject"


def _named_again(prompt: StoryPrompt) -> Iterator[Fault]:
    """Yield the segments that do not repeat, in the same words, what stays."""
    for k, (before, segment) in enumerate(pairwise(prompt.segments), 1):
        shared = len(content(before.text) & content(segment.text))
        stays = {"identity", "scene"} & set(segment.persist)
        if before.text == segment.text:
            yield f"segments.{k}.text", "the text of the segment before"
        elif stays and shared < NAMED_AGAIN:
            message = f"{' and '.join(sorted(stays))} must stay but only {shared} words are shared"
            yield f"segments.{k}.text", message
    first: dict[str, frozenset[str]] = {}
    for k, segment in enumerate(prompt.segments):
        if segment.view is not None:
            shown = first.setdefault(segment.view, content(segment.text))
            shared = len(shown & content(segment.text))
            if shared < NAMED_IN_VIEW:
                message = f"{segment.view} is shown but only {shared} of its words are repeated"
                yield f"segments.{k}.text", message


def _sounds(prompt: StoryPrompt) -> Iterator[Fault]:
    """Yield sounds in a text that are not ordered, and ordered sounds that are in no text."""
    ordered = {audio.segment: audio.text for audio in prompt.sounds}
    for k, segment in enumerate(prompt.segments):
        heard = sorted(set(words(unquoted(segment.text))) & SOUNDS)
        if heard and k not in ordered:
            yield f"segments.{k}.text", f"'{heard[0]}' is heard but no sound is ordered"
    for n, (k, audio) in enumerate(ordered.items()):
        if not {w[:4] for w in content(audio)} & {w[:4] for w in content(prompt.segments[k].text)}:
            yield f"sounds.{n}.text", f"the text of segment {k} does not name it"
