"""Check a storyline by the rules of its category, its difficulty and its wording."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import get_args

from lvbench.protocol.prompt_set import Lasting, StoryPrompt
from lvbench.protocol.prompt_words import (
    BRANDS,
    HARMFUL,
    POINTERS,
    PRONOUNS,
    SOUNDS,
    content,
    jaccard,
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
SEGMENTS = {1: (4, 5), 2: (5, 6), 3: (6, 8)}
"""Least and largest number of segments of each difficulty."""
GAPS = {1: (0.0, 0.25), 2: (0.25, 0.5), 3: (0.5, 1.0)}
"""Longest gap of a `return`, as a share of the clip: above the first number, up to the second."""
MOST_ALIKE = 0.9
"""Largest share of common content words of two segments with a switch between them."""
EVERYTHING = get_args(Lasting)

_NOTHING_CHANGES = ("one_subject", "slow_and_quiet", "sound_events")
_WITH_CUTS = ("planned_cuts", "return")


def rule_faults(prompt: StoryPrompt) -> Iterator[Fault]:
    """Yield where a storyline breaks a rule of its category or difficulty."""
    if not prompt.id.startswith(f"{prompt.category}-"):
        yield "id", f"does not begin with its category, {prompt.category}-"
    least, most = SEGMENTS[prompt.difficulty]
    if not least <= len(prompt.segments) <= most:
        found = f"{len(prompt.segments)} segments; difficulty {prompt.difficulty} has"
        yield "segments", f"{found} {least} to {most}"
    yield from _persistence(prompt)
    yield from _cuts(prompt)
    yield from _switches(prompt)
    yield from _views(prompt)
    yield from _of_category(prompt)


def _persistence(prompt: StoryPrompt) -> Iterator[Fault]:
    for k, segment in enumerate(prompt.segments):
        key = f"segments.{k}.persist"
        if list(segment.persist) != [word for word in EVERYTHING if word in segment.persist]:
            yield key, f"{', '.join(segment.persist)}; each once, in the order {_words(EVERYTHING)}"
        if "style" not in segment.persist:
            yield key, "style must stay"
        if prompt.category in _NOTHING_CHANGES and set(segment.persist) != set(EVERYTHING):
            yield key, f"in {prompt.category} {_words(EVERYTHING)} must stay"
        # Light alone may change at once without a cut; place and people at once may not.
        if set(segment.persist) == {"style"} and k not in prompt.cuts:
            yield key, "nothing but style stays, and no cut is planned"


def _cuts(prompt: StoryPrompt) -> Iterator[Fault]:
    if prompt.cuts and prompt.category not in _WITH_CUTS:
        yield "cuts", f"in {prompt.category} no cut is planned"
    if prompt.category == "planned_cuts" and len(prompt.cuts) < len(prompt.segments) - 1:
        missing = sorted(set(range(1, len(prompt.segments))) - set(prompt.cuts))
        yield "cuts", f"segments {_words(missing)} do not begin with a cut"


def _switches(prompt: StoryPrompt) -> Iterator[Fault]:
    for k in prompt.switches:
        before, after = (content(prompt.segments[n].text) for n in (k - 1, k))
        alike = jaccard(before, after)
        if alike > MOST_ALIKE:
            yield "switches", f"segment {k} shares {alike:.0%} of its words with the one before"


def _views(prompt: StoryPrompt) -> Iterator[Fault]:
    shown = Counter(segment.view for segment in prompt.segments if segment.view)
    for view, times in shown.items():
        if times < 2:
            k = [segment.view for segment in prompt.segments].index(view)
            yield f"segments.{k}.view", f"{view} is shown once only"
    for k, (before, segment) in enumerate(pairwise(prompt.segments), 1):
        left = before.view is not None and segment.view != before.view
        back = segment.view is not None and segment.view != before.view
        if prompt.category == "return" and (left or back) and "scene" in segment.persist:
            yield f"segments.{k}.persist", "scene cannot stay where the view changes"


def _of_category(prompt: StoryPrompt) -> Iterator[Fault]:
    if prompt.category == "return":
        yield from _gaps(prompt)
    elif prompt.category == "light_and_weather":
        changes = sum("light" not in segment.persist for segment in prompt.segments)
        if 2 * changes < len(prompt.segments):
            yield "segments", f"light changes in {changes} of {len(prompt.segments)} only"
        for k, segment in enumerate(prompt.segments):
            if not {"identity", "scene"} <= set(segment.persist):
                yield f"segments.{k}.persist", "only light may change"
    elif prompt.category == "text_and_signs" and not any(
        quoted(segment.text) for segment in prompt.segments
    ):
        yield "segments", 'no text to read; put text to read in "double quotes"'
    if (prompt.category == "sound_events") != bool(prompt.sounds):
        yield "sounds", "sounds are ordered in sound_events always, and in no other category"
    elif prompt.sounds and len(prompt.sounds) < 2:
        yield "sounds", "1 sound is ordered; at least 2"


def _gaps(prompt: StoryPrompt) -> Iterator[Fault]:
    gaps = [view.back - view.left for view in prompt.returns()]
    if not gaps or prompt.segments[0].view is None:
        yield "segments", "the view of the first segment must be left and come back"
        return
    above, most = GAPS[prompt.difficulty]
    views = {segment.view for segment in prompt.segments if segment.view}
    harder_by_views = len(views) >= prompt.difficulty > 1
    if not (above < max(gaps) <= most or (max(gaps) <= most and harder_by_views)):
        found = f"longest gap {max(gaps):g} of the clip"
        yield "segments", f"{found}; difficulty {prompt.difficulty} has {above:g} to {most:g}"


def _words(found: Sequence[object]) -> str:
    return ", ".join(map(str, found))


def writing_faults(prompt: StoryPrompt) -> Iterator[Fault]:
    """Yield the faults in the texts of a storyline."""
    for k, segment in enumerate(prompt.segments):
        signs = prompt.category == "text_and_signs"
        for message in (*_letters(segment.text, signs), *_vocabulary(segment.text)):
            yield f"segments.{k}.text", message
    yield from _named_again(prompt)
    yield from _ordered_sounds(prompt)


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


def _ordered_sounds(prompt: StoryPrompt) -> Iterator[Fault]:
    """Yield sounds in a text that are not ordered, and ordered sounds that are in no text."""
    ordered = {audio.segment: audio.text for audio in prompt.sounds}
    for k, segment in enumerate(prompt.segments):
        heard = sorted(set(words(unquoted(segment.text))) & SOUNDS)
        if heard and k not in ordered:
            yield f"segments.{k}.text", f"'{heard[0]}' is heard but no sound is ordered"
    for n, (k, audio) in enumerate(ordered.items()):
        if not {w[:4] for w in content(audio)} & {w[:4] for w in content(prompt.segments[k].text)}:
            yield f"sounds.{n}.text", f"the text of segment {k} does not name it"
