"""The embeddings of a video's first seconds, that all later ones are compared with."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from lvbench.metrics.common.segments import Segments
from lvbench.metrics.common.similarity import Vectors, cosine


@dataclass
class ReferenceBank:
    """Keep the unit vectors of the first `seconds`; a vector counts by the closest of them.

    Attributes:
        seconds: How long it is filled, from its first vector.
        times: When its vectors were seen.
    """

    seconds: float
    times: list[float] = field(default_factory=list)
    _vectors: list[Vectors] = field(default_factory=list)

    def fills(self, t: float) -> bool:
        """Return whether a vector of time `t` still belongs in the bank."""
        return not self.times or t < self.times[0] + self.seconds

    def add(self, t: float, vector: Vectors) -> None:
        """Take a vector."""
        self.times.append(t)
        self._vectors.append(vector)

    def compare(self, vector: Vectors) -> float | None:
        """Return the cosine with the closest vector of the bank; None while it is empty."""
        return max((float(cosine(vector, kept)) for kept in self._vectors), default=None)

    def among_themselves(self) -> list[float]:
        """Return the cosine of each vector with the closest other one; none for a single one."""
        if len(self._vectors) < 2:
            return []
        rows = np.stack(self._vectors)
        cosines = np.clip(rows @ rows.T, -1.0, 1.0)
        np.fill_diagonal(cosines, -np.inf)
        return [float(best) for best in cosines.max(axis=1)]


def from_typical_start(series: Segments, seconds: float) -> Segments:
    """Return a series whose first value is the median over its first `seconds`.

    A half-life starts from the first value: a subject that is just coming into the picture would
    leave little to lose.
    """
    if not len(series.y):
        return series
    y = series.y.copy()
    y[0] = np.median(series.y[series.t < series.t[0] + seconds])
    return Segments(series.t, y)
