"""Shared code of set metrics that read an image encoder along time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import ComparabilityError
from lvbench.features.feature_set import FeatureSet
from lvbench.metrics.base import not_applicable
from lvbench.metrics.common.copies import Track, track
from lvbench.metrics.set_metric import KeptArrays, SetMetric
from lvbench.results.schema import ItemScore
from lvbench.stats.vendi import unit

Floats = NDArray[np.float64]
Labels = NDArray[np.intp]

IMAGES = KeptArrays(("image",), rate=2.0, half=True)
"""Two vectors a second: 300 kB a minute with 1,280 dimensions, 120 kB with 512."""


class ImageSetMetric(SetMetric):
    """Keep an image encoder's vectors at no more than 2 Hz.

    A video needs two of them.
    """

    kept_arrays = IMAGES

    def item(self, windows: int) -> ItemScore:
        """Return the number of vectors that the encoder gave."""
        if windows < 2:
            return not_applicable(
                "too_short", f"fewer than 2 frames are sampled for {self.needs[0]}"
            )
        return super().item(windows)


def tracks(found: FeatureSet) -> list[Track]:
    """Return the videos of a set as tracks.

    Raises:
        ComparabilityError: Features are not finite (`features_not_finite`).
    """
    _refuse_bad(found)
    return [track(t, x) for t, x in zip(found.t, found.features, strict=True)]


def video_vectors(found: FeatureSet) -> Floats:
    """Return the mean direction of each video's features, float64 `(videos, d)`, of length 1.

    Raises:
        ComparabilityError: Features are not finite, or 0 (`features_not_finite`).
    """
    _refuse_bad(found)
    try:
        return unit([unit(x).mean(axis=0) for x in found.features])
    except ValueError as error:
        raise _not_finite("features that are 0", found.extractor) from error


def prompts_of(clusters: Sequence[str]) -> Labels:
    """Return the prompt of each video, numbered from 0."""
    return np.unique(np.asarray(clusters), return_inverse=True)[1].astype(np.intp)


def require_videos(found: FeatureSet, fewest: int) -> None:
    """Refuse a set of fewer videos.

    Raises:
        ComparabilityError: Code `too_few_videos`.
    """
    if len(found.videos) < fewest:
        raise ComparabilityError(
            "score a set of videos",
            found=f"{len(found.videos)} videos with features, fewer than {fewest}",
            where=found.extractor,
            fix="give more videos",
            code="too_few_videos",
        )


def _refuse_bad(found: FeatureSet) -> None:
    bad = [
        name
        for name, x in zip(found.videos, found.features, strict=True)
        if not np.isfinite(x).all()
    ]
    if bad:
        raise _not_finite(f"features of {len(bad)} videos are not finite: {bad[0]}", bad[0])


def _not_finite(what: str, where: str) -> ComparabilityError:
    return ComparabilityError(
        "score a set of videos",
        found=what,
        where=where,
        fix="look at these videos, and at the network's precision",
        code="features_not_finite",
    )
