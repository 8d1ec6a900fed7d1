"""Are the videos copies of real ones?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from lvbench.errors import LvbenchError
from lvbench.features.feature_set import FeatureSet, RealSetStatistics
from lvbench.metrics.base import MetricInfo, ScoreInfo
from lvbench.metrics.common.copies import Match, Track, aligned, best_match, track
from lvbench.metrics.common.image_sets import Floats, ImageSetMetric, require_videos, tracks
from lvbench.metrics.common.set_comparison import refuse_other_provenance, without_features
from lvbench.metrics.common.set_scores import all_scored, refused
from lvbench.results.schema import Score
from lvbench.stats.bootstrap import Interval, statistic_interval

_MOST_REAL = 64  # real videos whose own nearest neighbours are searched
_STEP = 0.1


class Memorisation(ImageSetMetric):
    """Find the real stretch most similar to each video, and decide whether it was copied.

    Args:
        copied: Mean cosine from which a stretch is a copy; 0.85 suits `mobilenet_v2`.
        samples: Length of a stretch, in features of 0.5 s.
        extractor: The image encoder.
    """

    info = MetricInfo(
        name="memorisation",
        version=1,
        headline=ScoreInfo("Memorised video fraction", "", False, "set"),
        components={
            "similarity": ScoreInfo("Similarity to the nearest real clip", "", None, "set"),
            "real_similarity": ScoreInfo(
                "Similarity to the nearest real clip, real videos", "", None, "set"
            ),
            "excess": ScoreInfo("Similarity to the nearest real clip, excess", "", False, "set"),
            "longest": ScoreInfo("Longest memorised clip", "s", False, "set"),
        },
        needs=("mobilenet_v2",),
        range=(0.0, 1.0),
        group="sets",
        cites=("lvbench", "somepalli2023forgery", "rahman2024frame"),
        tolerance=1e-3,
    )

    def __init__(
        self, copied: float = 0.85, samples: int = 4, extractor: str = "mobilenet_v2"
    ) -> None:
        self.copied, self.samples, self.extractor = copied, samples, extractor

    def compare(
        self, fake: FeatureSet, real: RealSetStatistics, *, resamples: int, seed: int
    ) -> dict[str, Score]:
        """Return the share of copied videos, and how near videos are to real ones."""
        try:
            found = self.nearest(fake, real)
            assert real.set is not None
            among = nearest_among(tracks(real.set), self.samples)
        except LvbenchError as error:
            return refused(self.info, error)
        near = np.array([match.similarity for match in found.values()])
        clusters = [c for v, c in zip(fake.videos, fake.clusters, strict=True) if v in found]
        copied = near >= self.copied
        similarity = statistic_interval(near, clusters, resamples=resamples, seed=seed)
        floor = float(np.mean(among)) if len(among) else None
        longest = max((m.seconds for m in found.values() if m.similarity >= self.copied), default=0)
        values: dict[str, float | Interval | None] = {
            "": statistic_interval(copied, clusters, resamples=resamples, seed=seed),
            "similarity": similarity,
            "real_similarity": floor,
            "excess": None if floor is None else similarity.value - floor,
            "longest": longest,
        }
        alone = "there is one real video, and no other to compare it with"
        details = {"real_similarity": alone, "excess": alone}
        return all_scored(self.info, values, len(near), details)

    def nearest(self, fake: FeatureSet, real: RealSetStatistics) -> Mapping[str, Match]:
        """Return by video the nearest real stretch; `other` numbers the videos of `real.set`.

        Raises:
            ComparabilityError: The sets were made in different ways (`provenance_differs`), one
                is empty (`too_few_videos`), or the real one has moments only
                (`no_real_features`).
        """
        refuse_other_provenance(fake, real)
        if real.set is None:
            raise without_features("search for copies of real videos", real.name)
        require_videos(fake, 1)
        require_videos(real.set, 1)
        others = tracks(real.set)
        found = {
            video: nearest_stretch(one, others, self.copied, self.samples)
            for video, one in zip(fake.videos, tracks(fake), strict=True)
        }
        return {video: match for video, match in found.items() if match is not None}


def nearest_stretch(
    one: Track, others: Sequence[Track], copied: float = 0.85, samples: int = 4
) -> Match | None:
    """Return the stretch of a video most similar to one of others; of a copy its full length."""
    best = best_match(one, enumerate(others), samples)
    if best is None or best.similarity < copied:
        return best
    full = aligned(one, others[best.other], best.other, copied - _STEP)
    # Two walks through one scene are similar in places; a copy is similar throughout.
    if full is None or full.seconds < best.seconds or full.similarity < copied:
        return best
    # Its similarity is that of the best stretch; its length and place are those of the full one.
    return Match(best.other, full.start, full.other_start, full.seconds, best.similarity)


def nearest_among(others: Sequence[Track], samples: int) -> Floats:
    """Return the similarity of videos of a set to others of it; of a large set, for some."""
    chosen = np.unique(np.linspace(0, len(others) - 1, min(len(others), _MOST_REAL)).astype(int))
    found = [
        best_match(others[i], ((j, o) for j, o in enumerate(others) if j != i), samples)
        for i in chosen
    ]
    return np.array([match.similarity for match in found if match is not None])


def memorisation(
    fake: Sequence[ArrayLike],
    real: Sequence[ArrayLike],
    *,
    rate: float = 2.0,
    copied: float = 0.85,
    samples: int = 4,
) -> list[Match | None]:
    """Return for each video the most similar real stretch; see the card.

    Args:
        fake: Image features of each video along time, `(n_i, d)`.
        real: Those of the real videos.
        rate: Features per second.
        copied: Mean cosine from which a stretch is a copy.
        samples: Features in a stretch.

    Examples:
        >>> import numpy as np
        >>> from lvbench.metrics import memorisation
        >>> video = np.random.default_rng(0).normal(size=(8, 4))
        >>> round(memorisation([video], [video])[0].similarity, 6)
        1.0
    """
    ours, theirs = (
        [track(np.arange(len(np.asarray(x))) / rate, x) for x in side] for side in (fake, real)
    )
    return [nearest_stretch(one, theirs, copied, samples) for one in ours]
