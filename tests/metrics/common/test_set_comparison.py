from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lvbench.metrics.common.set_comparison import DistanceMetric, comparable, first_difference
from lvbench.metrics.registry import build
from tests.metrics.feature_sets import PROVENANCE, feature_set, reference, with_provenance

NAMES = ("fvd", "fvd_inf", "fvd_over_time", "kvd", "precision_recall")


def metric(name: str, **parameters: Any) -> DistanceMetric:
    found = build(name, parameters)
    assert isinstance(found, DistanceMetric)
    return found


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("weights", {"weights": "cd" * 32}),
        ("preprocessing", {"preprocessing": "tf1-legacy-224"}),
        ("rate", {"rate": 3.0}),
        ("windows.length", {"windows": {**PROVENANCE["windows"], "length": 32}}),
        ("windows.every", {"windows": {**PROVENANCE["windows"], "every": 1.0}}),
        ("parameters.batch_norm_epsilon", {"parameters": {"batch_norm_epsilon": 1e-5}}),
        ("fps", {"fps": 30.0}),
    ],
)
def test_another_provenance_is_refused_by_the_name_of_its_field(
    name: str, field: str, changed: dict[str, Any]
) -> None:
    fake, real = feature_set(10, windows=4), feature_set(10, windows=4, seed=1)
    scores = metric(name).compare(
        fake, reference(with_provenance(real, **changed)), resamples=100, seed=0
    )
    for score in scores.values():
        assert (score.status, score.code) == ("not_applicable", "provenance_differs")
        assert score.detail is not None
        assert score.detail.startswith(f"{field} differs")


def test_the_batch_is_no_provenance() -> None:
    fake, real = feature_set(10), feature_set(10, seed=1)
    assert comparable(fake, reference(with_provenance(real, batch=8)), 2).fake.videos == 10
    assert first_difference(PROVENANCE, {**PROVENANCE, "batch": 3}) is None


@pytest.mark.parametrize("name", NAMES)
def test_what_cannot_be_compared_has_a_code_and_no_value(name: str) -> None:
    ok = feature_set(10, windows=4)
    empty = replace(ok, features=tuple(np.empty((0, 12), np.float32) for _ in ok.features))
    none = replace(ok, features=(), videos=(), clusters=(), t=())
    sick = replace(ok, features=(np.full((4, 12), np.nan, np.float32), *ok.features[1:]))
    other = feature_set(10, windows=4, d=7)
    for fake, real, minimum, code, status in (
        (empty, ok, 2, "empty_set", "not_applicable"),
        (none, ok, 2, "empty_set", "not_applicable"),
        (feature_set(1, windows=4), ok, 2, "too_few_videos", "not_applicable"),
        (ok, ok, 11, "too_few_videos", "not_applicable"),
        (sick, ok, 2, "features_not_finite", "failed"),
        (other, ok, 2, "provenance_differs", "not_applicable"),
    ):
        scores = metric(name, minimum=minimum).compare(fake, reference(real), resamples=100, seed=0)
        assert {(s.status, s.code, s.value) for s in scores.values()} == {(status, code, None)}
        assert scores.keys() == {"", *metric(name).info.components}


def test_the_video_that_failed_is_named() -> None:
    ok = feature_set(10)
    sick = replace(ok, features=(*ok.features[:3], ok.features[3] + np.inf, *ok.features[4:]))
    score = metric("fvd").compare(sick, reference(ok), resamples=100, seed=0)[""]
    assert score.detail is not None
    assert "v0003" in score.detail


def test_the_minimum_holds_for_the_real_set_too() -> None:
    found = metric("fvd", minimum=20)
    few = found.compare(feature_set(30), reference(feature_set(10)), resamples=100, seed=0)
    assert few[""].code == "too_few_videos"


@pytest.mark.parametrize("name", ["kvd", "precision_recall"])
def test_moments_alone_are_not_enough_for_what_needs_single_videos(name: str) -> None:
    alone = reference(feature_set(20, windows=4, seed=1), features=False)
    scores = metric(name).compare(feature_set(20, windows=4), alone, resamples=100, seed=0)
    assert {s.code for s in scores.values()} == {"no_real_features"}


@pytest.mark.parametrize("name", ["fvd", "fvd_over_time", "kvd", "precision_recall"])
def test_a_second_call_moves_no_bit_and_another_order_only_rounding(name: str) -> None:
    fake, real = feature_set(12, windows=5), reference(feature_set(14, windows=5, seed=1))
    one = metric(name).compare(fake, real, resamples=100, seed=0)
    assert one == metric(name).compare(fake, real, resamples=100, seed=0)
    assert one[""].value is not None
    order = list(range(12))[::-1]
    turned = replace(
        fake,
        **{
            part: tuple(getattr(fake, part)[i] for i in order)
            for part in ("videos", "clusters", "t", "features")
        },
    )
    again = metric(name).compare(turned, real, resamples=100, seed=0)
    assert again[""].value == pytest.approx(one[""].value, rel=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_failures_and_a_missing_real_set_are_counted(name: str) -> None:
    fake, real = feature_set(12, windows=5), reference(feature_set(14, windows=5, seed=1))
    scores = metric(name).aggregate_sets(fake, real, failed=3, resamples=100, seed=0)
    assert all(s.n_failed == 3 for s in scores.values())
    assert all(s.n_expected == s.n_scored + 3 for s in scores.values())
    lonely = metric(name).aggregate_sets(fake, None, failed=0, resamples=100, seed=0)
    assert {s.code for s in lonely.values()} == {"no_real_set"}
    assert lonely.keys() == scores.keys()
