"""Lists of words and similarity of texts, for checks of prompts."""

from __future__ import annotations

import re
from typing import Any


def _set(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


FILLERS = _set(
    "a an the of in on at to and or with from by its his her their under over into for as is are "
    "it one while"
)
# A generator may get one segment alone: it must not refer to another.
POINTERS = _set(
    "again anymore continue continues continuing earlier meanwhile previous previously resumes same"
)
PRONOUNS = _set("he she it they his her their him them this that these those there")
BRANDS = _set(
    "adidas android audi barbie batman bmw boeing cadillac coke cola disney facebook ferrari ford "
    "ghibli google harley honda hoover ikea instagram iphone lamborghini lego lexus marvel "
    "mcdonalds mercedes microsoft netflix nike nintendo pepsi pixar playstation pokemon polaroid "
    "porsche rolex samsung sony spiderman starbucks superman tesla tiktok toyota twitter vespa "
    "volkswagen xbox youtube"
)
HARMFUL = _set(
    "bleeding blood bloody bomb cigarette corpse dying gun kill killed killing kills murder naked "
    "nude pistol rifle shooting smoking suicide torture weapon wound wounded"
)
SOUNDS = _set(
    "applause audible bang bangs barking barks beep beeps boom booms buzz buzzes chime chimes "
    "chirp chirps chuff clang clangs clank clanks clap clapping claps clatter clatters creak "
    "creaks echo echoes growl growls hear heard hears hiss hisses howl howls hum hums knock "
    "knocks loud loudly melody moo music noise noisy ping pop popping pops quack quacks rattle "
    "rattles ringing rings roar roars scream screams shout shouts sing singing sings siren slam "
    "slams sound sounds speak speaks squeak squeaks thud thunder tick ticks voice voices "
    "whisper whispers whistle whistles"
)
"""Words for sounds."""

_WORD = re.compile(r"[A-Za-z0-9']+")
_QUOTED = re.compile(r'"[^"]*"')


def words(text: str) -> list[str]:
    """Return the words of a text in order, in lower case."""
    return [word.lower() for word in _WORD.findall(text)]


def content(text: str) -> frozenset[str]:
    """Return the content words of a text: all but fillers."""
    return frozenset(words(text)) - FILLERS


def shingles(text: str, n: int = 3) -> frozenset[tuple[str, ...]]:
    """Return every run of `n` words."""
    found = words(text)
    return frozenset(tuple(found[k : k + n]) for k in range(len(found) - n + 1))


def jaccard(a: frozenset[Any], b: frozenset[Any]) -> float:
    """Return the Jaccard index of two sets, in 0..1."""
    return len(a & b) / len(a | b) if a or b else 1.0


def unquoted(text: str) -> str:
    """Return a text without its parts in double quotes."""
    return _QUOTED.sub("", text)


def quoted(text: str) -> list[str]:
    """Return the parts of a text in double quotes."""
    return [found[1:-1] for found in _QUOTED.findall(text)]
