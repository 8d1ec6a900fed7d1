from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import lvbench.metrics
from lvbench.metrics.common.fvd_presets import PRESETS, logits_of
from lvbench.metrics.sets.kvd import Kvd
from lvbench.results.schema import Score
from lvbench.stats import kernel_distance
from tests.metrics.feature_sets import feature_set, reference
from tests.metrics.semantics.clip_network import clip_network, videos


def compared(n: int, shift: float = 0.0, windows: int = 1, seed: int = 0) -> dict[str, Score]:
    fake = feature_set(n, shift=shift, windows=windows, seed=seed)
    real = reference(feature_set(n, windows=windows, seed=seed + 1000))
    return Kvd().compare(fake, real, resamples=1000, seed=0)


def number(score: Score) -> float:
    assert score.value is not None
    return score.value


def test_one_window_per_video_is_the_published_estimator() -> None:
    fake, real = feature_set(30, shift=0.5), feature_set(40, seed=1)
    scores = Kvd().compare(fake, reference(real), resamples=1000, seed=0)
    expected = kernel_distance(fake.stacked(), real.stacked())
    assert number(scores[""]) == pytest.approx(expected)
    assert (scores["n_fake"].value, scores["n_real"].value) == (30, 40)
    assert scores[""].ci_method == "jackknife"


@pytest.mark.parametrize("windows", [1, 4])
def test_it_is_nothing_on_average_between_equal_distributions(windows: int) -> None:
    """Also with several windows per video, which would otherwise count as agreement."""
    found = [number(compared(12, windows=windows, seed=s)[""]) for s in range(60)]
    assert abs(np.mean(found)) < 3 * np.std(found) / np.sqrt(60)


def test_its_interval_holds_nothing_where_nothing_differs_and_not_where_it_does() -> None:
    held = []
    for seed in range(20):
        score = compared(40, seed=seed)[""]
        assert score.ci_low is not None
        assert score.ci_high is not None
        held.append(score.ci_low <= 0 <= score.ci_high)
    assert sum(held) >= 17
    far = compared(100, shift=1.0)[""]
    assert far.ci_low is not None
    assert far.ci_low > 0


def test_videos_of_one_prompt_go_together() -> None:
    fake, real = feature_set(28), reference(feature_set(30, seed=1))
    four = replace(fake, clusters=tuple(str(i // 4) for i in range(28)))
    assert Kvd().compare(four, real, resamples=1000, seed=0)[""].ci_method == "too_few"


def test_one_prompt_alone_has_no_pairs() -> None:
    fake = feature_set(10)
    one = replace(fake, clusters=("same",) * 10)
    score = Kvd().compare(one, reference(feature_set(10, seed=1)), resamples=100, seed=0)[""]
    assert (score.status, score.code) == ("not_applicable", "too_few_videos")


def test_on_arrays() -> None:
    real, fake, network = videos(0), videos(1), clip_network()
    found = lvbench.metrics.kvd(real, fake, network=network)
    logits = [logits_of(v, PRESETS["styleganv"], network=network) for v in (fake, real)]
    assert found.value == pytest.approx(kernel_distance(*logits))
    assert found.floor is None
    assert found.arguments["degree"] == 3


def test_a_parameter_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="degree"):
        Kvd(degree=0)
