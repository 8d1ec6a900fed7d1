"""The words of the world's characters as numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lvbench.world.grammar import HUES, PATTERNS, SHAPES, Character

GROUPS = (len(SHAPES), len(HUES), len(PATTERNS))
"""How many shapes, hues and patterns there are, in the order of a character's numbers."""
WORDS = sum(GROUPS)


def member_words(member: Character) -> NDArray[np.float32]:
    """Return 1 for a character's shape, hue and pattern, 0 for the others: float32 `(16,)`."""
    words = np.zeros(WORDS, np.float32)
    words[SHAPES.index(member.shape)] = 1
    words[GROUPS[0] + HUES.index(member.hue)] = 1
    words[GROUPS[0] + GROUPS[1] + PATTERNS.index(member.pattern)] = 1
    return words
