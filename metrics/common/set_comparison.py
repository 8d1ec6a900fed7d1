"""Shared code of distances between sets: two comparable sets, or why they are not."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import ComparabilityError, LvbenchError
from lvbench.features.feature_set import FeatureMoments, FeatureSet, RealSetStatistics
from lvbench.metrics.base import ScoreInfo
from lvbench.metrics.common.set_scores import refused
from lvbench.metrics.set_metric import SetMetric
from lvbench.results.schema import Score

Floats = NDArray[np.float64]
Labels = NDArray[np.intp]

# Another batch changes features only within an extractor's tolerance.
_IGNORED = {"batch"}


@dataclass(frozen=True, slots=True)
class Side:
    """The windows of one set.

    Attributes:
        values: Features, float64 `(n, d)`.
        t: Seconds of each window's middle, `(n,)`.
        video: The video of each window, numbered from 0, `(n,)`.
        unit: Unit of resampling: the videos of one prompt, numbered from 0, `(n,)`.
        videos: Number of videos.
    """

    values: Floats
    t: Floats
    video: Labels
    unit: Labels
    videos: int


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sets that may be compared; `real` is None where only its moments are known."""

    fake: Side
    real: Side | None
    moments: FeatureMoments
    real_name: str
    real_videos: int | None

    def real_windows(self) -> Side:
        """Return the real set's windows.

        Raises:
            ComparabilityError: Only its moments are known (`no_real_features`).
        """
        if self.real is None:
            raise without_features("compare with single real videos", self.real_name)
        return self.real


def without_features(what: str, name: str) -> ComparabilityError:
    """Return the error of a real set of which only the moments are known."""
    return ComparabilityError(
        what,
        found="the real set has moments only",
        where=name,
        fix="give the real videos, or build the real set's statistics with its features",
        code="no_real_features",
    )


SIZES = {
    "n_fake": ScoreInfo("Generated videos", "videos", None, "set"),
    "n_real": ScoreInfo("Real videos", "videos", None, "set"),
}
"""Components with the sizes of the two sets."""


class DistanceMetric(SetMetric):
    """Measure a distance of the windows' features from those of a real set.

    Attributes:
        minimum: Fewest videos, on either side, for which a value is given.
        over_time: Whether it reads the windows' times.
        clip_length: Frames of a clip, of videos in memory; None for the full video.
    """

    minimum: int
    over_time: ClassVar[bool] = False
    clip_length: ClassVar[int | None] = None

    def compare(
        self, fake: FeatureSet, real: RealSetStatistics, *, resamples: int, seed: int
    ) -> dict[str, Score]:
        """Return the scores by component; sets that cannot be compared get a status and a code.

        Intervals come from halves of the videos or from leaving one out, never from `resamples`
        of a bootstrap, whose duplicates would inflate the distance.
        """
        try:
            return self.measure(comparable(fake, real, self.minimum), seed)
        except LvbenchError as error:
            return refused(self.info, error)

    @abstractmethod
    def measure(self, pair: Pair, seed: int) -> dict[str, Score]:
        """Return the scores of two sets that may be compared.

        Raises:
            LvbenchError: They have less than this metric needs.
        """


def comparable(fake: FeatureSet, real: RealSetStatistics, minimum: int) -> Pair:
    """Return two sets as arrays.

    Raises:
        ComparabilityError: They were made in different ways (`provenance_differs`, with the field
            that differs), one is empty (`empty_set`), has fewer videos than `minimum`
            (`too_few_videos`), or has values that are not finite (`features_not_finite`).
    """
    refuse_other_provenance(fake, real)
    here = _side(fake, "the generated set", minimum)
    there = None if real.set is None else _side(real.set, f"the real set {real.name}", minimum)
    if here.values.shape[1] != len(real.moments.mean):
        raise ComparabilityError(
            "compare with the real set",
            found=f"dimensions differ: {here.values.shape[1]} here, {len(real.moments.mean)} there",
            where=real.name,
            fix="extract both with the same network",
            code="provenance_differs",
        )
    known = real.facts.get("videos") if there is None else there.videos
    return Pair(here, there, real.moments, real.name, known if isinstance(known, int) else None)


def refuse_other_provenance(fake: FeatureSet, real: RealSetStatistics) -> None:
    """Reject two sets whose features were made in different ways.

    Raises:
        ComparabilityError: Code `provenance_differs`, with the field that differs.
    """
    field = first_difference(fake.provenance, real.provenance)
    if field is not None:
        path, ours, theirs = field
        raise ComparabilityError(
            "compare with the real set",
            found=f"{path} differs: {ours!r} here, {theirs!r} there",
            where=f"provenance of {real.name}",
            fix="extract the real set's features as the protocol does (lvbench stats build)",
            code="provenance_differs",
        )


def _side(found: FeatureSet, what: str, minimum: int) -> Side:
    sizes = [len(f) for f in found.features]
    videos = sum(size > 0 for size in sizes)
    if videos == 0:
        raise _unfit(what, "no video gave a window of features", "give longer videos", "empty_set")
    if videos < max(minimum, 2):
        raise _unfit(
            what,
            f"{videos} videos, fewer than the {max(minimum, 2)} required",
            "give more videos; a distance between small sets depends more on size than content",
            "too_few_videos",
        )
    values = found.stacked()
    video = np.repeat(np.arange(len(sizes)), sizes)
    bad = np.unique(video[~np.isfinite(values).all(axis=1)])
    if len(bad):
        names = ", ".join(found.videos[i] for i in bad[:3])
        raise _unfit(
            what,
            f"features of {len(bad)} videos are not finite ({names})",
            "check these videos, and the network's precision",
            "features_not_finite",
        )
    unit = np.unique(np.asarray(found.clusters)[video], return_inverse=True)[1]
    dense = np.unique(video, return_inverse=True)[1]
    return Side(values, np.concatenate(found.t), dense, unit, videos)


def _unfit(what: str, found: str, fix: str, code: str) -> ComparabilityError:
    return ComparabilityError("compare two sets", found=found, where=what, fix=fix, code=code)


def first_difference(
    ours: Mapping[str, Any], theirs: Mapping[str, Any]
) -> tuple[str, Any, Any] | None:
    """Return the first field in which two provenances differ, as (path, ours, theirs)."""
    a, b = dict(_leaves(ours)), dict(_leaves(theirs))
    for path in sorted({*a, *b}):
        if a.get(path) != b.get(path):
            return path, a.get(path), b.get(path)
    return None


def _leaves(provenance: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in provenance.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{key}.")
        elif prefix or key not in _IGNORED:
            yield f"{prefix}{key}", value
