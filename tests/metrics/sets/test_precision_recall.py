from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import lvbench.metrics
from lvbench.metrics.sets.precision_recall import PrecisionRecall
from lvbench.results.schema import Score
from lvbench.stats import nearest_neighbours
from tests.metrics.feature_sets import feature_set, reference
from tests.metrics.semantics.clip_network import clip_network, videos

FOUR = ("", "recall", "density", "coverage")


def compared(fake: Any, real: Any, **parameters: Any) -> dict[str, Score]:
    return PrecisionRecall(**parameters).compare(fake, reference(real), resamples=100, seed=0)


def test_it_is_the_mean_over_windows() -> None:
    fake, real = feature_set(50, d=3, shift=0.5), feature_set(60, d=3, seed=1)
    scores = compared(fake, real)
    found = nearest_neighbours(real.stacked(), fake.stacked(), 5)
    for part, values in zip(
        FOUR, (found.precision, found.recall, found.density, found.coverage), strict=True
    ):
        assert scores[part].value == pytest.approx(values.mean())


def test_intervals_lie_within_the_possible() -> None:
    scores = compared(feature_set(60, d=3), feature_set(60, d=3, seed=1))
    for part in FOUR:
        score = scores[part]
        assert score.value is not None
        assert score.ci_low is not None
        assert score.ci_high is not None
        assert 0 <= score.ci_low <= score.value <= score.ci_high
        assert part == "density" or score.ci_high <= 1


def test_collapse_loses_recall_and_noise_loses_precision() -> None:
    rng = np.random.default_rng(3)
    real = feature_set(100, d=3, seed=1)
    same = compared(feature_set(100, d=3), real)
    video = feature_set(1, d=3).features[0]
    collapsed = feature_set(100, d=3)
    object.__setattr__(
        collapsed,
        "features",
        tuple((video + 0.01 * rng.normal(size=video.shape)).astype("f4") for _ in range(100)),
    )
    one = compared(collapsed, real)
    far = compared(feature_set(100, d=3, shift=6.0), real)
    assert same["recall"].value > 0.7 > 0.2 > one["recall"].value  # type: ignore[operator]
    assert one["coverage"].value < 0.2  # type: ignore[operator]
    assert same[""].value > 0.7 > 0.1 > far[""].value  # type: ignore[operator]


def test_windows_of_one_video_do_not_shrink_its_balls() -> None:
    scores = compared(
        feature_set(40, d=3, windows=8, noise=1e-3),
        feature_set(40, d=3, windows=8, noise=1e-3, seed=1),
    )
    assert scores[""].value is not None
    assert scores[""].value > 0.5


def test_too_few_neighbours_are_too_few_videos() -> None:
    scores = compared(feature_set(5), feature_set(20, seed=1))
    assert {(s.status, s.code) for s in scores.values()} == {("not_applicable", "too_few_videos")}
    assert compared(feature_set(6), feature_set(20, seed=1))[""].status == "ok"


def test_on_arrays() -> None:
    real, fake = videos(0), videos(1)
    found = lvbench.metrics.precision_recall(real, fake, network=clip_network(), k=3)
    assert 0 <= found.value <= 1
    assert found.arguments["k"] == 3
    with pytest.raises(ValueError, match="k must"):
        PrecisionRecall(k=0)
