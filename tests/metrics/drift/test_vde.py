from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lvbench.metrics import vde
from lvbench.metrics.common.source_series import SOURCES
from lvbench.metrics.drift.vde import Vde
from lvbench.metrics.registry import METRICS
from lvbench.results.schema import ItemScore, Series


def scored(name: str, y: Any, start: float = 0.25) -> ItemScore:
    t = start + 0.5 * np.arange(len(y))
    series = {SOURCES[name].series: Series(t=t.tolist(), y=np.asarray(y, float).tolist())}
    return ItemScore(value=1.0, series=series)


def test_it_is_the_published_sum_whatever_the_chunks_length() -> None:
    rng = np.random.default_rng(0)
    y = rng.uniform(1, 2, 207)
    means = y[:200].reshape(10, 20).mean(axis=1)
    expected = sum((10 - i + 1) * abs(means[i - 1] - means[0]) / means[0] for i in range(2, 11))
    found = vde(np.arange(207) / 24, y)
    assert found.value == pytest.approx(expected, rel=1e-12)
    assert found.series["chunk_mean"].y == pytest.approx(means)
    logarithmic = sum(
        np.log(10 - i + 1) * abs(means[i - 1] - means[0]) / means[0] for i in range(2, 11)
    )
    assert vde(np.arange(207) / 24, y, weights="log").value == pytest.approx(logarithmic)


def test_chunks_are_of_equal_time_where_values_are_missing() -> None:
    y = np.repeat(np.arange(1.0, 11), 4)
    t = np.arange(40.0)
    gap = np.delete(np.arange(40), [5, 6, 22])
    assert vde(t[gap], y[gap]).value == vde(t, y).value
    empty = np.delete(np.arange(40), [8, 9, 10, 11])
    assert vde(t[empty], y[empty]).code == "gap"


@pytest.mark.parametrize(
    ("y", "code"),
    [
        (np.ones(9), "too_short"),
        (np.ones(0), "too_short"),
        (np.r_[0.0, np.ones(9)], "no_positive_start"),
        (np.r_[-1.0, np.ones(9)], "no_positive_start"),
    ],
)
def test_what_has_no_value_gets_a_code_never_infinity(y: Any, code: str) -> None:
    found = vde(np.arange(len(y), dtype=float), y)
    assert (found.status, found.code) == ("not_applicable", code)


def test_decibels_are_turned_back_into_their_ratio() -> None:
    ratio = np.linspace(1, 0.5, 20)
    metric = Vde()
    found = metric.derive({"sharpness_drift": scored("sharpness_drift", 10 * np.log10(ratio))})
    assert found.value == pytest.approx(vde(np.arange(20), ratio).value)
    shifted = metric.derive(
        {"sharpness_drift": scored("sharpness_drift", 10 * np.log10(5 * ratio))}
    )
    assert shifted.value == pytest.approx(found.value)


def test_few_segments_are_cut_finely() -> None:
    """23 segments of 0.5 s: whole segments would drop the last 1.5 s, here 0.1 s are dropped."""
    y = np.r_[np.ones(20), np.zeros(3)]
    found = Vde().derive(
        {
            "sharpness_drift": scored("sharpness_drift", np.zeros(23)),
            "motion_magnitude": scored("motion_magnitude", y),
        }
    )
    assert found.value == 0
    assert found.components["motion_magnitude"] > 1
    assert found.series["chunk_mean"].t[-1] == pytest.approx(0.95 * 11.5, abs=0.1)


def test_a_source_without_a_value_leaves_its_component_out() -> None:
    none = ItemScore(status="not_applicable", code="only_cuts", detail="planted")
    still = scored("temporal_flicker", np.zeros(20))
    scores = {
        "sharpness_drift": scored("sharpness_drift", np.zeros(20)),
        "motion_magnitude": none,
        "temporal_flicker": still,
        "clip_consistency": scored("clip_consistency", np.linspace(1, 0.5, 20)),
    }
    assert Vde().derive(scores).components.keys() == {"clip_consistency"}


def test_a_series_that_is_absent_is_a_reason() -> None:
    bare = ItemScore(value=1.0)
    assert Vde().derive({"sharpness_drift": bare}).code == "no_series"
    scores = {"sharpness_drift": scored("sharpness_drift", np.zeros(20))}
    found = Vde().derive(scores | {"subject_consistency": bare})
    assert (found.status, found.components) == ("ok", {})


def test_the_headline_takes_over_its_sources_reason() -> None:
    failed = ItemScore(status="failed", code="metric_error", detail="planted")
    found = Vde().derive({"sharpness_drift": failed})
    assert (found.status, found.code) == ("failed", "metric_error")
    assert Vde().derive({}).code == "no_source"


def test_the_protocol_chooses_extractors() -> None:
    metric = Vde(read="clip_consistency@squeezenet1_1, motion_magnitude")
    assert metric.sources == (
        "sharpness_drift",
        "clip_consistency@squeezenet1_1",
        "motion_magnitude",
    )
    scores = {
        "sharpness_drift": scored("sharpness_drift", np.zeros(20)),
        "clip_consistency": scored("clip_consistency", np.ones(20)),
        "clip_consistency@squeezenet1_1": scored("clip_consistency", np.linspace(1, 0.5, 20)),
    }
    assert metric.derive(scores).components["clip_consistency"] > 1
    for wrong in ("nothing", "clip_consistency,clip_consistency@squeezenet1_1", "sharpness_drift"):
        with pytest.raises(ValueError, match="read"):
            Vde(read=wrong)


def test_its_other_parameters_are_checked() -> None:
    for wrong in ({"chunks": 1}, {"weights": "square"}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            Vde(**wrong)


def test_every_source_has_the_series_that_is_read() -> None:
    for name, source in SOURCES.items():
        if name in METRICS:
            assert METRICS.get(name).info.series[source.series] == source.unit
