"""The features of sets of videos, which distances between sets compare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class FeatureSet:
    """Hold the windows' features of every video of a set, in order of video ids.

    Attributes:
        extractor: Name of the extractor.
        provenance: The extractor's identity, by which two sets may be compared or not.
        videos: Ids.
        clusters: The prompt of each video.
        t: Seconds of each video's windows, float64 `(n_i,)`.
        features: float32 `(n_i, d)` of each video; the video is the unit of resampling.
    """

    extractor: str
    provenance: Mapping[str, Any]
    videos: tuple[str, ...]
    clusters: tuple[str, ...]
    t: tuple[NDArray[np.float64], ...]
    features: tuple[NDArray[np.float32], ...]

    def stacked(self) -> NDArray[np.float64]:
        """Return all windows' features, float64 `(n, d)`."""
        return np.concatenate(self.features).astype(np.float64)


@dataclass(frozen=True, slots=True)
class FeatureMoments:
    """Hold the mean and covariance of a set's features.

    Attributes:
        mean: float64 `(d,)`.
        covariance: float64 `(d, d)`, with `n - 1` in the denominator.
        n: Number of windows.
    """

    mean: NDArray[np.float64]
    covariance: NDArray[np.float64]
    n: int


@dataclass(frozen=True, slots=True)
class RealSetStatistics:
    """Hold the statistics of a real set: its windows' features, or their moments alone.

    Attributes:
        name: Name of the set, for reports.
        provenance: The extractor's identity, as in `FeatureSet`.
        facts: Data set, number of videos, sizes, rates: for the record.
        moments: Mean and covariance over all windows.
        set: The features; None where only moments were kept.
    """

    name: str
    provenance: Mapping[str, Any]
    facts: Mapping[str, Any]
    moments: FeatureMoments
    set: FeatureSet | None = None
