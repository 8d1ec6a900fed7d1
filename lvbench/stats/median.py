"""The median of one sample, without the checks that cost numpy's own several times the work."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def median(values: NDArray[np.floating[Any]]) -> np.floating[Any]:
    """Return the median: the same number, bit by bit, as `numpy.median`.

    Args:
        values: Of any shape, at least one, none of them NaN.

    Returns:
        A scalar of the dtype of `values`.
    """
    middle = values.size // 2
    parts = np.partition(values, middle, axis=None)
    upper: np.floating[Any] = parts[middle]
    # The second of the two middle ones: to ask for both at once takes four times as long.
    return upper if values.size % 2 else (parts[:middle].max() + upper) / 2
