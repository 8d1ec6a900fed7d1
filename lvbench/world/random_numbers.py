"""Random numbers as a function of a key: identical on every machine, in any order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SHOTS, MOTION, TINTS = range(3)  # purposes, each with its own random stream


def uniforms(count: int, seed: int, use: int, index: int = 0) -> NDArray[np.float64]:
    """Return `count` numbers in [0, 1).

    Args:
        count: How many.
        seed: The clip's seed, below 2**64.
        use: Their purpose.
        index: Index within the purpose, such as the shot.
    """
    # Only the raw words are identical in all versions of numpy.
    words = np.random.Philox(key=seed | use << 64 | index << 72).random_raw(count)
    return np.asarray((words >> np.uint64(11)) * 2.0**-53, np.float64)
