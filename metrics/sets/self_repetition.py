"""Does the model make the same video whatever the prompt?"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from lvbench.errors import ComparabilityError, LvbenchError
from lvbench.features.feature_set import FeatureSet, RealSetStatistics
from lvbench.metrics.base import MetricInfo, ScoreInfo
from lvbench.metrics.common.copies import Track, best_match, track
from lvbench.metrics.common.image_sets import (
    Floats,
    ImageSetMetric,
    Labels,
    prompts_of,
    tracks,
    video_vectors,
)
from lvbench.metrics.common.set_scores import all_scored, refused
from lvbench.metrics.set_metric import ReferenceFreeSetMetric
from lvbench.results.schema import Score
from lvbench.stats.bootstrap import Interval, statistic_interval


class SelfRepetition(ImageSetMetric, ReferenceFreeSetMetric):
    """Find videos with a stretch that recurs for another prompt.

    Args:
        copied: Mean cosine from which a stretch is a copy; 0.85 suits `mobilenet_v2`.
        samples: Length of a stretch, in features of 0.5 s.
        extractor: The image encoder.
    """

    info = MetricInfo(
        name="self_repetition",
        version=1,
        headline=ScoreInfo("Repeated video fraction", "", False, "set"),
        components={
            "across": ScoreInfo("Similarity across prompts", "", False, "set"),
            "within": ScoreInfo("Similarity within a prompt", "", None, "set"),
            "contrast": ScoreInfo("Similarity, within minus across prompts", "", True, "set"),
            "real": ScoreInfo("Similarity of real videos", "", None, "set"),
        },
        needs=("mobilenet_v2",),
        range=(0.0, 1.0),
        group="sets",
        cites=("lvbench",),
        tolerance=1e-3,
    )

    def __init__(
        self, copied: float = 0.85, samples: int = 4, extractor: str = "mobilenet_v2"
    ) -> None:
        self.copied, self.samples, self.extractor = copied, samples, extractor

    def measure_set(
        self, found: FeatureSet, real: RealSetStatistics | None, *, resamples: int, seed: int
    ) -> dict[str, Score]:
        """Return the share of videos that are repeated, and the similarities behind it."""
        try:
            prompts = prompts_of(found.clusters)
            _require_prompts(found, prompts)
            along, vectors = tracks(found), video_vectors(found)
            real_vectors = None if real is None or real.set is None else video_vectors(real.set)
        except LvbenchError as error:
            return refused(self.info, error)
        nearest = nearest_of_other_prompts(along, prompts, self.samples)
        cosines = vectors @ vectors.T
        same = prompts[:, None] == prompts[None, :]
        upper = np.triu(np.ones_like(same), 1)
        across = float(cosines[~same].mean())
        within = float(cosines[same & upper].mean()) if (same & upper).any() else None
        values: dict[str, float | Interval | None] = {
            "": statistic_interval(
                nearest >= self.copied, found.clusters, resamples=resamples, seed=seed
            ),
            "across": across,
            "within": within,
            "contrast": None if within is None else within - across,
            "real": _mean_cosine(real_vectors),
        }
        one_each = "no prompt has two videos; request more than one seed"
        details = {
            "within": one_each,
            "contrast": one_each,
            "real": "there are no two real videos to compare with; give --real DIR",
        }
        return all_scored(self.info, values, len(vectors), details)


def nearest_of_other_prompts(along: Sequence[Track], prompts: Labels, samples: int) -> Floats:
    """Return for each video the similarity of its stretch most like one of another prompt."""
    nearest = np.full(len(along), -1.0)
    for i, j in combinations(range(len(along)), 2):
        if prompts[i] == prompts[j]:
            continue
        match = best_match(along[i], [(j, along[j])], samples)
        if match is not None:
            nearest[[i, j]] = np.maximum(nearest[[i, j]], match.similarity)
    return nearest


def _mean_cosine(vectors: Floats | None) -> float | None:
    """Return the mean over pairs of different videos; None where there is none."""
    if vectors is None or len(vectors) < 2:
        return None
    n = len(vectors)
    return float((np.square(vectors.sum(axis=0)).sum() - n) / (n * (n - 1)))


def _require_prompts(found: FeatureSet, prompts: Labels) -> None:
    if len(prompts) == 0 or prompts.max() == 0:
        raise ComparabilityError(
            "compare videos of different prompts",
            found=f"{len(prompts)} videos of one prompt" if len(prompts) else "no video",
            where=found.extractor,
            fix="give videos of at least two prompts",
            code="one_prompt",
        )


def self_repetition(
    features: Sequence[ArrayLike],
    prompts: Sequence[str] | None = None,
    *,
    copied: float = 0.85,
    samples: int = 4,
) -> Interval:
    """Return the share of videos that are repeated for another prompt; see the card.

    Args:
        features: Image features of each video along time, `(n_i, d)`, at one rate.
        prompts: The prompt of each video; each its own if left out.
        copied: Mean cosine from which a stretch is a copy.
        samples: Features in a stretch.

    Examples:
        >>> import numpy as np
        >>> from lvbench.metrics import self_repetition
        >>> video = np.random.default_rng(0).normal(size=(8, 4))
        >>> self_repetition([video, video], ["a dog", "a cat"]).value
        1.0
    """
    along = [track(np.arange(len(np.asarray(x))), x) for x in features]
    names = [f"{i:09d}" for i in range(len(along))] if prompts is None else prompts
    nearest = nearest_of_other_prompts(along, prompts_of(names), samples)
    return statistic_interval(nearest >= copied, names)
