"""How many different videos does the set contain?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from lvbench.errors import LvbenchError
from lvbench.features.feature_set import FeatureSet, RealSetStatistics
from lvbench.metrics.base import MetricInfo, ScoreInfo
from lvbench.metrics.common.image_sets import (
    Floats,
    ImageSetMetric,
    Labels,
    prompts_of,
    require_videos,
    video_vectors,
)
from lvbench.metrics.common.set_scores import all_scored, refused
from lvbench.metrics.set_metric import ReferenceFreeSetMetric
from lvbench.results.schema import Score
from lvbench.stats.bootstrap import Interval, statistic_interval
from lvbench.stats.vendi import unit, vendi_interval, vendi_score

_DRAWS = 20


class Diversity(ImageSetMetric, ReferenceFreeSetMetric):
    """Count the effective number of different videos by the Vendi score.

    Args:
        extractor: The image encoder.
    """

    info = MetricInfo(
        name="diversity",
        version=1,
        headline=ScoreInfo("Vendi score", "videos", True, "set"),
        components={
            "share": ScoreInfo("Vendi score per video", "", True, "set"),
            "within_prompt": ScoreInfo("Vendi score within a prompt", "videos", True, "set"),
            "across_prompts": ScoreInfo("Vendi score across prompts", "prompts", True, "set"),
            "real": ScoreInfo("Vendi score of real videos", "videos", None, "set"),
            "videos": ScoreInfo("Generated videos", "videos", None, "set"),
        },
        needs=("mobilenet_v2",),
        range=(1.0, None),
        group="sets",
        cites=("friedman2023vendi",),
        tolerance=1e-3,
    )

    def __init__(self, extractor: str = "mobilenet_v2") -> None:
        self.extractor = extractor

    def measure_set(
        self, found: FeatureSet, real: RealSetStatistics | None, *, resamples: int, seed: int
    ) -> dict[str, Score]:
        """Return the Vendi score of the set, of the videos of a prompt, and of the prompts."""
        try:
            require_videos(found, 2)
            vectors, real_vectors = video_vectors(found), _real_vectors(real)
        except LvbenchError as error:
            return refused(self.info, error)
        prompts = prompts_of(found.clusters)
        overall = vendi_interval(vectors, prompts)
        values: dict[str, float | Interval | None] = {
            "": overall,
            "share": overall.value / len(vectors),
            "within_prompt": _within(vectors, prompts, resamples, seed),
            "across_prompts": _across(vectors, prompts),
            "real": _of_real(real_vectors, len(vectors), seed),
            "videos": len(vectors),
        }
        details = {
            "within_prompt": "no prompt has two videos; request more than one seed",
            "across_prompts": "there is one prompt",
            "real": f"there are not {len(vectors)} real videos to compare with",
        }
        return all_scored(self.info, values, len(vectors), details)


def _within(vectors: Floats, prompts: Labels, resamples: int, seed: int) -> Interval | None:
    groups = [vectors[prompts == p] for p in range(int(prompts.max()) + 1)]
    scores = [vendi_score(group).value for group in groups if len(group) > 1]
    return statistic_interval(scores, resamples=resamples, seed=seed) if scores else None


def _across(vectors: Floats, prompts: Labels) -> Interval | None:
    count = int(prompts.max()) + 1
    if count < 2:
        return None
    return vendi_interval(np.stack([vectors[prompts == p].mean(axis=0) for p in range(count)]))


def _real_vectors(real: RealSetStatistics | None) -> Floats | None:
    return None if real is None or real.set is None else video_vectors(real.set)


def _of_real(vectors: Floats | None, count: int, seed: int) -> float | None:
    """Return the mean score of draws of as many real videos."""
    if vectors is None or len(vectors) < count:
        return None
    if len(vectors) == count:
        return vendi_score(vectors).value
    rng = np.random.default_rng(seed)
    draws = [rng.choice(len(vectors), count, replace=False) for _ in range(_DRAWS)]
    return float(np.mean([vendi_score(vectors[draw]).value for draw in draws]))


def diversity(features: Sequence[ArrayLike], prompts: Sequence[str] | None = None) -> Interval:
    """Return the Vendi score of videos by their features, with its interval over prompts.

    Args:
        features: Image features of each video, `(n_i, d)`, such as those of
            `lvbench.features.load("mobilenet_v2")`.
        prompts: The prompt of each video; each its own if left out.

    Raises:
        ValueError: Features that are not finite, or 0.

    Examples:
        >>> import numpy as np
        >>> from lvbench.metrics import diversity
        >>> three_different = np.eye(3)[:, None]
        >>> round(diversity(three_different).value, 6)
        3.0
    """
    vectors = np.stack([unit(x).mean(axis=0) for x in features])
    return vendi_interval(vectors, None if prompts is None else prompts_of(prompts))
