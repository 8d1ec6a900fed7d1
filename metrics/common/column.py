"""A column of numbers that grows in place."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray


class Column:
    """Keep float64 numbers at eight bytes each: blocks of small arrays would cost several times."""

    def __init__(self) -> None:
        self._numbers = array("d")

    def append(self, number: float) -> None:
        """Take one number."""
        self._numbers.append(number)

    def extend(self, numbers: NDArray[np.float64] | Iterable[float]) -> None:
        """Take many numbers; arrays of more dimensions in C order."""
        if isinstance(numbers, np.ndarray):
            self._numbers.frombytes(np.ascontiguousarray(numbers, np.float64).tobytes())
        else:
            self._numbers.extend(numbers)

    def __len__(self) -> int:
        return len(self._numbers)

    def values(self) -> NDArray[np.float64]:
        """Return a copy of the numbers, float64 `(n,)`."""
        return np.array(self._numbers, np.float64)
