"""Shared code of similarity metrics: vectors per segment, cosines, half-lives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.metrics.base import ScoreInfo, VideoContext
from lvbench.metrics.common.segments import Segments, segment_index
from lvbench.stats.drift import half_life

Vectors = NDArray[np.float64]

UNKNOWN_BASELINE = -1.0
"""An unknown baseline: no half-life is given then."""


def unit(vectors: NDArray[Any]) -> Vectors:
    """Return `(..., d)` with every vector at length 1; one of length 0 stays 0."""
    rows = np.asarray(vectors, np.float64)
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    vectors_of_one: Vectors = rows / np.where(lengths > 0, lengths, 1.0)
    return vectors_of_one


def cosine(a: Vectors, b: Vectors) -> Vectors:
    """Return the cosines of unit vectors `(..., d)`, cut to -1..1 against rounding."""
    found: Vectors = np.clip(np.sum(a * b, axis=-1), -1.0, 1.0)
    return found


@dataclass
class SegmentVectors:
    """The mean direction of each segment: one vector per segment and one running sum.

    Attributes:
        video: The video's context.
    """

    video: VideoContext
    _ids: list[int] = field(default_factory=list)
    _counts: list[int] = field(default_factory=list)
    _means: list[NDArray[np.float32]] = field(default_factory=list)
    _sum: Vectors | None = None

    def add(self, features: Features, name: str) -> None:
        """Take the vectors `name`, `(n, d)`, of a block; each counts by its direction alone."""
        index = segment_index(features.t, self.video.segment_seconds)
        for segment, vector in zip(index.tolist(), unit(features[name]), strict=True):
            if not self._ids or segment != self._ids[-1]:
                self._close()
                self._ids.append(segment)
                self._counts.append(0)
                self._sum = np.zeros_like(vector)
            assert self._sum is not None
            self._sum += vector
            self._counts[-1] += 1

    def _close(self) -> None:
        if self._sum is not None:
            self._means.append(unit(self._sum).astype(np.float32))
        self._sum = None

    def directions(self) -> tuple[NDArray[np.int64], Vectors]:
        """Return the segments' numbers `(s,)` and unit vectors `(s, d)`; nothing is added later.

        A last segment with less than half the frames of the median one is dropped, as elsewhere.
        """
        self._close()
        ids, counts, means = self._ids, self._counts, self._means
        if len(ids) > 1 and counts[-1] < 0.5 * np.median(counts[:-1]):
            ids, means = ids[:-1], means[:-1]
        vectors = unit(np.stack(means)) if means else np.empty((0, 0))
        return np.asarray(ids, np.int64), vectors


def half_life_components(series: Segments, baseline: float) -> dict[str, float]:
    """Return `half_life` and whether the similarity `holds`; nothing where it is undefined.

    Args:
        series: The similarity over time.
        baseline: The extractor's similarity of unrelated real videos, or `UNKNOWN_BASELINE`.
    """
    if baseline <= UNKNOWN_BASELINE or not len(series.y) or series.y[0] <= baseline:
        return {}
    found = half_life(series.t, series.y, baseline)
    holds = {"holds": float(found is None)}
    return holds if found is None else holds | {"half_life": found}


def half_life_infos(title: str) -> dict[str, ScoreInfo]:
    """Describe what `half_life_components` returns."""
    return {
        "half_life": ScoreInfo(
            f"{title}, half-life", "s", True, "time_to_event", censored_with="holds"
        ),
        "holds": ScoreInfo(f"{title}, fraction above half", "", True, "mean", (0.0, 1.0)),
    }
