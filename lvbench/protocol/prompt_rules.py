"""Check a storyline by the rules of its category and difficulty."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import get_args

from lvbench.protocol.prompt_set import Lasting, StoryPrompt
from lvbench.protocol.prompt_text import Fault
from lvbench.protocol.prompt_words import content, jaccard, quoted

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
