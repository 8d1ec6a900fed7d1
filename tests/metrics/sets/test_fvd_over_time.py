from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import lvbench.metrics
from lvbench.metrics.set_functional import ClipChoice
from lvbench.metrics.sets.fvd_over_time import FvdOverTime
from lvbench.results.schema import Score
from lvbench.stats.frechet import frechet_distance
from tests.metrics.feature_sets import feature_set, reference
from tests.metrics.semantics.clip_network import clip_network, videos


def compared(fake: Any, real: Any = None, **parameters: Any) -> dict[str, Score]:
    real = feature_set(60, windows=3, seed=1) if real is None else real
    return FvdOverTime(**parameters).compare(fake, reference(real), resamples=100, seed=0)


def number(score: Score) -> float:
    assert score.value is not None
    return score.value


def curve(scores: dict[str, Score]) -> list[float]:
    parts = [scores[f"span_{k:02d}"] for k in range(1, 13)]
    return [p.value for p in parts if p.value is not None]


def test_a_span_is_the_distance_of_its_windows_from_all_real_ones() -> None:
    fake, real = feature_set(20, windows=24), feature_set(30, windows=3, seed=1)
    scores = compared(fake, real)
    assert scores["spans"].value == 12
    assert scores["windows"].value == 40
    first = np.concatenate([f[:2] for f in fake.features])
    assert curve(scores)[0] == pytest.approx(frechet_distance(first, real.stacked()))
    last = np.concatenate([f[-2:] for f in fake.features])
    assert curve(scores)[-1] == pytest.approx(frechet_distance(last, real.stacked()))
    assert number(scores[""]) == pytest.approx(curve(scores)[-1] - curve(scores)[0])


def test_a_drift_is_found_with_its_sign_and_its_slope() -> None:
    """The mean moves by 2 in each of 12 dimensions: FVD gains 48 over 46 seconds of windows."""
    away = compared(feature_set(40, windows=24, drift=2.0, noise=0.5))
    assert number(away[""]) == pytest.approx(48 * (11 / 12), rel=0.25)
    assert number(away["slope_p_value"]) < 0.01
    assert number(away["slope_per_minute"]) > number(away["slope_null"]) > 0
    assert away[""].ci_low is not None
    assert away[""].ci_low > 0
    back = feature_set(40, windows=24, drift=2.0, noise=0.5)
    turned = replace(back, features=tuple(f[::-1] for f in back.features))
    scores = compared(turned)
    assert number(scores[""]) == pytest.approx(-number(away[""]))
    assert number(scores["slope_per_minute"]) == pytest.approx(-number(away["slope_per_minute"]))


def test_no_drift_is_seldom_found() -> None:
    found = [
        number(compared(feature_set(24, windows=12, seed=s, noise=1.0))["slope_p_value"])
        for s in range(20)
    ]
    assert sum(p <= 0.05 for p in found) <= 3


def test_a_set_that_is_bad_throughout_does_not_drift() -> None:
    scores = compared(feature_set(40, windows=12, shift=3.0, noise=0.5))
    assert min(curve(scores)) > 50
    assert abs(number(scores[""])) < 0.2 * min(curve(scores))


def test_windows_that_never_change_have_no_slope() -> None:
    fake = feature_set(20, windows=12)
    frozen = replace(fake, features=tuple(np.repeat(f[:1], 12, axis=0) for f in fake.features))
    scores = compared(frozen)
    assert number(scores[""]) == 0.0
    assert number(scores["slope_p_value"]) == 1.0


def test_short_videos_are_left_out_and_counted() -> None:
    fake = feature_set(30, windows=24)
    cut = [6 if i < 3 else 24 for i in range(30)]
    mixed = replace(
        fake,
        t=tuple(t[:n] for t, n in zip(fake.t, cut, strict=True)),
        features=tuple(f[:n] for f, n in zip(fake.features, cut, strict=True)),
    )
    scores = compared(mixed)
    assert scores[""].n_scored == 27
    assert "3 shorter ones left out" in str(scores[""].detail)
    whole = compared(
        replace(
            fake,
            **{  # type: ignore[arg-type]
                name: getattr(fake, name)[3:] for name in ("videos", "clusters", "t", "features")
            },
        )
    )
    assert curve(scores) == pytest.approx(curve(whole))


def test_fewer_windows_give_fewer_spans_with_a_reason_for_the_rest() -> None:
    scores = compared(feature_set(20, windows=5))
    assert scores["spans"].value == 5
    assert len(curve(scores)) == 5
    assert scores["span_06"].status == "not_applicable"
    assert "5 spans" in str(scores["span_06"].detail)
    short = compared(feature_set(20, windows=3))
    assert {s.code for s in short.values()} == {"too_short"}
    assert {s.code for s in compared(feature_set(20)).values()} == {"too_short"}


def test_few_videos_have_a_curve_without_intervals() -> None:
    scores = compared(feature_set(7, windows=12))
    assert scores[""].ci_method == "too_few"
    assert scores["slope_p_value"].status == "not_applicable"
    assert len(curve(scores)) == 12


def test_moments_will_do() -> None:
    fake, real = feature_set(20, windows=12), feature_set(60, windows=3, seed=1)
    alone = FvdOverTime().compare(fake, reference(real, features=False), resamples=100, seed=0)
    assert curve(alone) == pytest.approx(curve(compared(fake, real)), rel=1e-6)


def test_on_arrays() -> None:
    real, fake = videos(0, t=48), videos(1, t=48)
    fake[:, 24:] = fake[:, 24:] // 2
    found = lvbench.metrics.fvd_over_time(
        real, fake, fps=8.0, network=clip_network(), clips=ClipChoice(length=12)
    )
    assert found.scores["spans"].value == 4
    assert found.value > 0
    assert "0.0 to 1.4 s" in str(found.scores["span_01"].detail)


def test_parameters_that_make_no_sense_are_refused() -> None:
    for wrong in ({"spans": 3}, {"spans": 13}, {"ddof": 2}):
        with pytest.raises(ValueError, match="spans"):
            FvdOverTime(**wrong)
