"""Cost is read from the manifest, per second made; its growth needs three lengths."""

from __future__ import annotations

from typing import Any

import pytest

from lvbench.metrics import cost
from lvbench.metrics.generation.cost import Cost
from lvbench.results.schema import ItemRecord, ItemScore, Score, VideoRecord

MADE = {
    "seconds": 120.0,
    "generated_seconds": 60.0,
    "peak_bytes": 3e9,
    "energy_joules": 6000.0,
    "energy_source": "nvml",
}


def scores(*made: dict[str, Any] | None) -> dict[str, Score]:
    def record(i: int, score: ItemScore) -> ItemRecord:
        video = VideoRecord(id=f"v{i}", path=f"v{i}", cluster=f"v{i}")
        return ItemRecord(identity="x", video=video, metrics={"cost": score})

    items = [record(i, cost(one)) for i, one in enumerate(made)]
    return Cost().aggregate(items, resamples=100, seed=0)


def test_all_is_per_second_made() -> None:
    score = cost(MADE)
    assert score.value == 2.0
    assert score.components == {
        "seconds_per_second": 2.0,
        "length": 60.0,
        "peak_bytes": 3e9,
        "energy_joules_per_second": 100.0,
    }
    assert score.flags == ["measured"]


def test_scores_are_marked_measured_and_others_are_not() -> None:
    found = scores(MADE)
    assert all(score.model_dump()["measured"] for score in found.values())
    plain = Score(value=1.0, n_expected=1, n_scored=1, n_failed=0, higher_is_better=None, unit="")
    assert "measured" not in plain.model_dump()


@pytest.mark.parametrize("power", [1.0, 2.0])
def test_the_exponent_over_lengths(power: float) -> None:
    made = [
        {"seconds": 3 * length**power * (1 + 0.02 * (i % 2)), "generated_seconds": length}
        for i, length in enumerate([5.0, 10.0, 20.0, 60.0] * 2)
    ]
    found = scores(*made)["cost.exponent"]
    assert found.value == pytest.approx(power, abs=0.03)
    assert found.ci_low is not None
    assert found.ci_high is not None
    assert found.ci_low < power < found.ci_high
    assert found.n_scored == 8


def test_memory_and_energy_have_exponents_of_their_own() -> None:
    made = [
        {
            "seconds": 3 * length,
            "generated_seconds": length,
            "peak_bytes": 1e9,
            "energy_joules": 7 * length**1.5,
        }
        for length in [8.0, 16.0, 32.0, 64.0] * 2
    ]
    found = scores(*made)
    assert found["cost.memory_exponent"].value == pytest.approx(0.0, abs=1e-9)
    assert found["cost.energy_exponent"].value == pytest.approx(1.5)
    assert found["cost.device_memory_exponent"].code == "too_few_lengths"
    assert found["cost.energy_exponent"].measured


def test_two_lengths_have_no_exponent() -> None:
    two = scores(MADE, {**MADE, "generated_seconds": 61.0}, {**MADE, "generated_seconds": 10.0})
    assert (two["cost.exponent"].status, two["cost.exponent"].code) == (
        "not_applicable",
        "too_few_lengths",
    )


@pytest.mark.parametrize("told", [None, {}, {"seconds": 3.0}, {"generated_seconds": 3.0}])
def test_a_silent_manifest_is_no_cost_of_0(told: dict[str, Any] | None) -> None:
    assert (cost(told).status, cost(told).code) == ("not_applicable", "no_cost")
    assert scores(told)["cost"].status == "not_applicable"


@pytest.mark.parametrize(
    "wrong",
    [{"seconds": 0.0}, {"generated_seconds": -1.0}, {"seconds": "ten"}, {"peak_bytes": -5.0}],
)
def test_a_cost_that_cannot_be_is_a_failure(wrong: dict[str, Any]) -> None:
    score = cost(MADE | wrong)
    assert (score.status, score.code) == ("failed", "cost_invalid")
    assert next(iter(wrong)) in (score.detail or "")
