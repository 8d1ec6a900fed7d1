"""The stretches of a clip that show one view each, and the views that come back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvbench.metrics.common.similarity import SegmentVectors, Vectors


@dataclass(frozen=True)
class Visit:
    """A stretch that shows one view: centres `(s,)` and vectors `(s, d)` of its whole segments."""

    view: str | None
    start: float
    end: float
    t: NDArray[np.float64]
    vectors: Vectors


def visits_of(state: SegmentVectors) -> list[Visit]:
    """Return the stretches of one view each, in order; a segment counts where it lies within."""
    ids, vectors = state.directions()
    seconds = state.video.segment_seconds
    starts = [start for start, _ in state.video.prompts]
    names = state.video.views
    edges = [k for k in range(len(starts)) if k == 0 or names[k] != names[k - 1] or not names[k]]
    found = []
    for first, following in zip(edges, [*edges[1:], None], strict=True):
        start = starts[first]
        end = np.inf if following is None else starts[following]
        within = (ids * seconds >= start - 1e-6) & ((ids + 1) * seconds <= end + 1e-6)
        t = np.asarray((ids[within] + 0.5) * seconds, np.float64)
        found.append(Visit(names[first], start, float(end), t, vectors[within]))
    return [visit for visit in found if len(visit.vectors)]


def returns(visits: Sequence[Visit]) -> list[tuple[Visit, Sequence[Visit], Visit]]:
    """Return, for every view shown again, its stretch before, those between, and it again."""
    last: dict[str, int] = {}
    found = []
    for k, visit in enumerate(visits):
        if visit.view is not None:
            first = last.get(visit.view, k)
            if first + 1 < k:
                found.append((visits[first], visits[first + 1 : k], visit))
            last[visit.view] = k
    return found
