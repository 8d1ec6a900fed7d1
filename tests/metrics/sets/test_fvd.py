from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import lvbench.metrics
from lvbench.errors import ComparabilityError, ConfigError, RegistryError
from lvbench.metrics.common.fvd_presets import PRESETS
from lvbench.metrics.set_functional import ClipChoice
from lvbench.metrics.sets.fvd import Fvd
from lvbench.results.schema import Score
from lvbench.stats.frechet import frechet_distance, frechet_parts
from tests.metrics.feature_sets import feature_set, reference
from tests.metrics.semantics.clip_network import clip_network, videos


def compared(fake: Any, real: Any, features: bool = True, **parameters: Any) -> dict[str, Score]:
    return Fvd(**parameters).compare(
        fake, reference(real, features=features), resamples=1000, seed=0
    )


def number(score: Score) -> float:
    assert score.value is not None
    return score.value


def test_it_is_the_distance_of_all_windows() -> None:
    fake, real = feature_set(20, windows=3, shift=0.5), feature_set(30, windows=2, seed=1)
    for ddof in (0, 1):
        scores = compared(fake, real, ddof=ddof)
        parts = frechet_parts(fake.stacked(), real.stacked(), ddof)
        assert number(scores[""]) == pytest.approx(parts.value)
        assert number(scores["mean_part"]) == pytest.approx(parts.mean_part)
        assert number(scores["covariance_part"]) == pytest.approx(parts.covariance_part)
        assert (scores["n_fake"].value, scores["n_real"].value) == (20, 30)
        assert (scores["windows_fake"].value, scores["windows_real"].value) == (60, 60)
        assert scores.keys() == {"", *Fvd.info.components}


@pytest.mark.parametrize("ddof", [0, 1])
def test_moments_alone_give_the_same_value(ddof: int) -> None:
    fake, real = feature_set(20, windows=3), feature_set(40, windows=2, seed=1)
    with_features = compared(fake, real, ddof=ddof)
    alone = compared(fake, real, features=False, ddof=ddof)
    assert number(alone[""]) == pytest.approx(number(with_features[""]), rel=1e-6)
    assert alone["n_real"].value == 40


def test_the_interval_surrounds_the_value_and_narrows_with_n() -> None:
    widths = []
    for n in (16, 64, 256):
        score = compared(feature_set(n, shift=0.5), feature_set(n, seed=1))[""]
        assert score.ci_low is not None
        assert score.ci_high is not None
        assert 0 <= score.ci_low < number(score) < score.ci_high
        assert score.ci_method == "halves-50"
        widths.append(score.ci_high - score.ci_low)
    assert widths[0] > widths[1] > widths[2]


def test_more_windows_of_the_same_videos_are_no_more_evidence() -> None:
    """Sixteen near copies of each window leave the interval as wide as one does."""
    one = feature_set(40, shift=0.5, noise=1e-6)
    many = feature_set(40, shift=0.5, noise=1e-6, windows=16)
    real = feature_set(40, seed=1, noise=1e-6)

    def width(score: Score) -> float:
        assert score.ci_low is not None
        assert score.ci_high is not None
        return score.ci_high - score.ci_low

    assert width(compared(many, real)[""]) > 0.7 * width(compared(one, real)[""])


def test_few_videos_or_prompts_have_a_value_without_interval() -> None:
    few = compared(feature_set(7, windows=4), feature_set(30, seed=1))[""]
    assert few.value is not None
    assert (few.ci_low, few.ci_high, few.ci_method) == (None, None, "too_few")
    fake = feature_set(30)
    five = replace(fake, clusters=tuple(str(i % 5) for i in range(30)))
    assert compared(five, feature_set(30, seed=1))[""].ci_method == "too_few"


def test_the_floor_comes_from_splits_where_there_are_enough_real_videos() -> None:
    real = feature_set(400, seed=1)
    scores = compared(feature_set(40, shift=1.0), real)
    assert scores["floor"].ci_method == "splits"
    draws = [
        frechet_distance(feature_set(40, seed=s).stacked(), feature_set(40, seed=s + 90).stacked())
        for s in range(20, 60)
    ]
    assert number(scores["floor"]) == pytest.approx(float(np.mean(draws)), rel=0.15)
    assert number(scores["floor"]) < number(scores[""])
    gaussian = compared(feature_set(40, shift=1.0), real, features=False)["floor"]
    assert gaussian.ci_method == "gaussian"
    assert number(gaussian) == pytest.approx(number(scores["floor"]), rel=0.15)


def test_real_videos_against_real_ones_are_at_the_floor() -> None:
    scores = compared(feature_set(60), feature_set(60, seed=1))
    assert number(scores[""]) == pytest.approx(number(scores["floor"]), rel=0.3)
    assert scores["floor"].ci_method == "gaussian"


def test_a_floor_of_splits_takes_no_more_windows_than_the_videos_have() -> None:
    real = feature_set(100, windows=20, seed=1, noise=1.0)
    one = compared(feature_set(20, windows=1, noise=1.0), real)["floor"]
    many = compared(feature_set(20, windows=20, noise=1.0), real)["floor"]
    assert number(many) < 0.7 * number(one)


def test_a_small_set_is_said_to_be_small() -> None:
    detail = compared(feature_set(20), feature_set(20, seed=1))[""].detail
    assert detail is not None
    assert "fewer than 2,048" in detail
    assert compared(feature_set(2048), feature_set(20, seed=1))[""].detail is None


def test_it_grows_with_what_is_planted() -> None:
    real = feature_set(100, seed=1)
    found = [number(compared(feature_set(100, shift=s), real)[""]) for s in (0, 0.2, 0.5, 1, 2)]
    assert found == sorted(found)
    assert number(compared(real, real)[""]) == pytest.approx(0.0, abs=1e-8)


# On arrays of videos.


def test_a_preset_is_preprocessing_epsilon_and_ddof() -> None:
    real, fake, network = videos(0), videos(1), clip_network()
    found = {p: lvbench.metrics.fvd(real, fake, preset=p, network=network) for p in PRESETS}
    assert len({round(r.value, 6) for r in found.values()}) >= 3
    for name, result in found.items():
        preset = PRESETS[name]
        assert result.preset == name
        assert result.arguments["preprocessing"] == preset.preprocessing
        assert result.arguments["batch_norm_epsilon"] == preset.batch_norm_epsilon
        assert result.arguments["ddof"] == preset.ddof
        assert (result.n_real, result.n_fake) == (9, 9)
        assert result.floor is not None
        assert result.ci_low is not None
        assert result.arguments["length"] == 9
    assert network.norm.eps == 1e-3
    low, high = network.seen[1:]
    assert -1 <= low < -0.1 < high <= 1


def test_the_epsilon_of_the_preset_reaches_a_network_that_is_given() -> None:
    real, fake = videos(0), videos(1)
    with_own = lvbench.metrics.fvd(real, fake, preset="videogpt", network=clip_network(1e-3))
    as_trained = lvbench.metrics.fvd(real, fake, preset="videogpt", network=clip_network(1e-5))
    assert with_own.value == pytest.approx(as_trained.value, rel=1e-9)


def test_clips_are_chosen_by_frames() -> None:
    real, fake = videos(0, t=30), videos(1, t=30)
    network = clip_network()
    found = lvbench.metrics.fvd(
        real, fake, network=network, clips=ClipChoice(length=9, start=3, every=6)
    )
    assert found.scores["windows_fake"].value == 9 * 4
    assert network.seen[0] == 9
    one = lvbench.metrics.fvd(real, fake, network=network, clips=ClipChoice(length=9, most=1))
    assert one.scores["windows_fake"].value == 9
    first = lvbench.metrics.fvd(real[:, :9], fake[:, :9], network=network)
    assert one.value == pytest.approx(first.value)
    for choice, code in (
        (ClipChoice(length=31), "too_short"),
        (ClipChoice(start=-1), "clips_invalid"),
        (ClipChoice(length=9, every=0), "clips_invalid"),
    ):
        with pytest.raises(ConfigError) as caught:
            lvbench.metrics.fvd(real, fake, network=network, clips=choice)
        assert caught.value.code == code


def test_ambiguous_and_impossible_input_is_refused() -> None:
    real, fake, network = videos(0), videos(1), clip_network()
    for wrong, code in (
        (fake / 255.0, "range_ambiguous"),
        (fake.astype(np.float32) / 127.5 - 1, "range_ambiguous"),
        (fake[:, :8], "too_few_frames"),
        (fake[0], "bad_shape"),
        (fake[:0], "bad_shape"),
    ):
        for pair in ((real, wrong), (wrong, real)):
            with pytest.raises(ConfigError) as caught:
                lvbench.metrics.fvd(*pair, network=network)
            assert caught.value.code == code
    with pytest.raises(RegistryError, match="original, styleganv, videogpt, cdfvd"):
        lvbench.metrics.fvd(real, fake, preset="tf", network=network)


def test_incomparable_sets_are_refused() -> None:
    real, fake, network = videos(0, t=12), videos(1), clip_network()
    with pytest.raises(ComparabilityError, match="length differs: 9 here, 12 there") as caught:
        lvbench.metrics.fvd(real, fake, network=network)
    assert caught.value.code == "provenance_differs"
    with pytest.raises(ComparabilityError) as caught:
        lvbench.metrics.fvd(fake, fake[:1], network=network)
    assert caught.value.code == "too_few_videos"
    with pytest.raises(ComparabilityError) as caught:
        lvbench.metrics.fvd(fake, fake, network=network, minimum=10)
    assert caught.value.code == "too_few_videos"


def test_a_parameter_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="ddof"):
        Fvd(ddof=2)
