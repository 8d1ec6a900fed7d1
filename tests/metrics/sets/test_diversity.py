"""Diversity counts what is different, within prompts and across them, beside real videos."""

from __future__ import annotations

import numpy as np
import pytest

from lvbench.metrics import diversity
from lvbench.metrics.sets.diversity import Diversity
from tests.metrics.feature_sets import reference
from tests.metrics.image_features import image_set, video

JUDGED = {"resamples": 100, "seed": 0}


def test_copies_count_once() -> None:
    one = video(0)
    assert diversity([one] * 9).value == pytest.approx(1.0, abs=1e-6)
    assert diversity([video(i, step=0.0) for i in range(9)]).value > 7


def test_it_grows_with_the_number_of_different_videos() -> None:
    values = [diversity([video(i % k) for i in range(12)]).value for k in (1, 2, 4, 12)]
    assert values == sorted(values)
    assert values[0] < values[1] < values[2] < values[3]


def test_within_and_across_prompts_tell_two_kinds_of_sameness_apart() -> None:
    prompts = [f"p{i % 8}" for i in range(16)]
    ignores_seed = image_set([video(i % 8) for i in range(16)], prompts)
    ignores_prompt = image_set([video(i // 8) for i in range(16)], prompts)
    seed = Diversity().aggregate_sets(ignores_seed, None, failed=0, **JUDGED)
    prompt = Diversity().aggregate_sets(ignores_prompt, None, failed=0, **JUDGED)
    assert seed["diversity.within_prompt"].value == pytest.approx(1.0, abs=1e-6)
    assert seed["diversity.across_prompts"].value > 5
    assert prompt["diversity.within_prompt"].value > 1.5
    assert prompt["diversity.across_prompts"].value == pytest.approx(1.0, abs=1e-6)
    assert seed["diversity"].ci_low is not None


def test_as_many_real_videos_stand_beside_it() -> None:
    fake = image_set([video(i) for i in range(5)])
    real = reference(image_set([video(100 + i) for i in range(9)]))
    found = Diversity().aggregate_sets(fake, real, failed=1, **JUDGED)
    assert 1 < found["diversity.real"].value < 5
    assert (found["diversity"].n_expected, found["diversity"].n_failed) == (6, 1)
    few = Diversity().aggregate_sets(image_set([video(i) for i in range(12)]), real,
                                     failed=0, **JUDGED)  # fmt: skip
    assert few["diversity.real"].status == "not_applicable"


@pytest.mark.parametrize(
    ("videos", "status", "code"),
    [
        ([video(0)], "not_applicable", "too_few_videos"),
        ([video(0), np.full((4, 48), np.nan, "f4")], "failed", "features_not_finite"),
        ([video(0), np.zeros((4, 48), "f4")], "failed", "features_not_finite"),
    ],
)
def test_what_has_no_value_has_a_reason(videos: list[np.ndarray], status: str, code: str) -> None:
    found = Diversity().aggregate_sets(image_set(videos), None, failed=0, **JUDGED)
    assert {(s.status, s.code) for s in found.values()} == {(status, code)}


def test_another_encoder_has_a_key_of_its_own() -> None:
    metric = Diversity(extractor="clip_vit_b_32")
    assert metric.needs == ("clip_vit_b_32",)
    found = metric.aggregate_sets(image_set([video(0), video(1)]), None, failed=0, **JUDGED)
    assert "diversity.share@clip_vit_b_32" in found
