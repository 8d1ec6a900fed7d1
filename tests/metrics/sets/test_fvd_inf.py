from __future__ import annotations

import numpy as np
import pytest

import lvbench.metrics
from lvbench.errors import ComparabilityError
from lvbench.metrics.sets.fvd_inf import FvdInf
from lvbench.results.schema import Score
from tests.metrics.feature_sets import feature_set, reference
from tests.metrics.semantics.clip_network import clip_network, videos


def compared(
    n: int, m: int, shift: float = 0.0, seed: int = 0, features: bool = True
) -> dict[str, Score]:
    fake, real = feature_set(n, shift=shift, seed=seed), feature_set(m, seed=seed + 500)
    return FvdInf(points=5).compare(fake, reference(real, features=features), resamples=100, seed=0)


def test_the_bias_of_n_is_gone() -> None:
    """Equal distributions: FVD of 256 videos is far above 0, its extrapolation is not."""
    found = [compared(256, 256, seed=s) for s in range(8)]
    values = np.array([f[""].value for f in found], np.float64)
    largest = np.array([f["fvd_largest"].value for f in found], np.float64)
    assert abs(values.mean()) < 3 * values.std() / np.sqrt(8)
    assert largest.mean() > 5 * abs(values.mean())


def test_a_difference_stays() -> None:
    score = compared(300, 280, shift=1.0)
    assert score[""].value == pytest.approx(12.0, rel=0.1)
    assert score[""].ci_low is not None
    assert score[""].ci_high is not None
    assert score[""].ci_low < 12.0 < score[""].ci_high
    assert (score["largest"].value, score["points"].value) == (280, 5)


def test_fit_points_begin_at_128_and_fewer_than_256_are_refused() -> None:
    for n, m in ((255, 400), (400, 255)):
        scores = compared(n, m)
        assert {s.code for s in scores.values()} == {"too_few_videos"}
        assert "255 videos" in str(scores[""].detail)


def test_moments_stay_with_their_own_bias() -> None:
    scores = compared(256, 100, features=False)
    assert scores[""].status == "ok"
    assert "moments" in str(scores[""].detail)


def test_on_arrays() -> None:
    with pytest.raises(ComparabilityError, match="256"):
        lvbench.metrics.fvd_inf(videos(0), videos(1), network=clip_network())


def test_parameters_that_make_no_sense_are_refused() -> None:
    for wrong in ({"ddof": 2}, {"points": 2}):
        with pytest.raises(ValueError, match="points"):
            FvdInf(**wrong)
