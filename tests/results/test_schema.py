"""Records refuse what must never be written: NaN, unknown keys, a value without status ok."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from lvbench.results.files import canonical_json
from lvbench.results.schema import (
    Event,
    Gate,
    ItemRecord,
    ItemScore,
    ProtocolRecord,
    RunRecord,
    Score,
    Series,
    VideoRecord,
)

BAD = [float("nan"), float("inf"), -float("inf")]
COUNTS: dict[str, Any] = {
    "n_expected": 3,
    "n_scored": 2,
    "n_failed": 1,
    "higher_is_better": None,
    "unit": "s",
}


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize(
    "make",
    [
        lambda x: ItemScore(value=x),
        lambda x: ItemScore(value=1.0, components={"part": x}),
        lambda x: Series(t=[0.0], y=[x]),
        lambda x: Series(t=[x], y=[0.0]),
        lambda x: Event(kind="freeze", start=0.0, end=x),
        lambda x: Event(kind="freeze", start=0.0, end=1.0, details={"period": x}),
        lambda x: Score(value=x, **COUNTS),
        lambda x: Score(value=1.0, ci_low=x, **COUNTS),
        lambda x: Gate(metric="freeze", share=x, limit=0.1, n=10, n_failed=0),
    ],
)
def test_nan_and_infinity_are_refused_everywhere(
    make: Callable[[float], object], bad: float
) -> None:
    with pytest.raises(ValidationError):
        make(bad)


@pytest.mark.parametrize(
    "content",
    [
        {"status": "ok"},
        {"status": "failed", "value": 0.0, "code": "x"},
        {"status": "not_applicable", "value": 1.0, "code": "too_short"},
        {"status": "failed"},
        {"status": "not_applicable"},
        {"value": 1.0, "code": "x"},
        {"status": "fine", "value": 1.0},
        {"value": 1.0, "extra": 1},
    ],
)
def test_an_item_score_has_a_value_or_a_code_never_both(content: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ItemScore.model_validate(content)


@pytest.mark.parametrize(
    "content",
    [
        {"value": None},
        {"value": 1.0, "status": "failed"},
        {"value": 1.0, "status": "unavailable"},
        {"value": 1.0, "median": 2.0},
    ],
)
def test_a_score_has_a_value_exactly_where_it_is_ok(content: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Score.model_validate(COUNTS | content)


def test_a_series_has_as_many_times_as_values() -> None:
    with pytest.raises(ValidationError, match="t has 2 values and y has 1"):
        Series(t=[0.0, 1.0], y=[0.0])


@pytest.mark.parametrize(("share", "failed"), [(0.0, False), (0.1, False), (0.2, True)])
def test_a_gate_fails_above_its_limit(share: float, failed: bool) -> None:
    assert Gate(metric="freeze", share=share, limit=0.1, n=10, n_failed=0).failed is failed


def test_records_cannot_be_changed() -> None:
    score = ItemScore(value=1.0)
    with pytest.raises(ValidationError):
        score.value = 2.0  # type: ignore[misc]


def test_an_item_record_survives_json(item_record: Callable[..., ItemRecord]) -> None:
    record = item_record(
        metrics={
            "freeze": ItemScore(
                value=0.1,
                components={"longest": 1 / 3},
                series={"moving": Series(t=[0.25, 0.75], y=[0.1, 1e-300])},
                events=[Event(kind="freeze", start=0.1, end=0.2, details={"frames": 3.0})],
                flags=["short"],
            ),
            "seam": ItemScore(status="failed", code="metric_error", detail="why"),
        },
        width=320,
        fps=30000 / 1001,
    )
    text = canonical_json(record.model_dump())
    assert json.loads(text)["schema"] == 1
    assert ItemRecord.model_validate(json.loads(text)) == record


def test_a_run_record_survives_json() -> None:
    record = RunRecord(
        status="complete",
        title="mine",
        protocol=ProtocolRecord(name="lvb-smoke", version=1, draft=True, hash="0" * 64),
        signature="lvb-smoke|v:1-draft",
        videos={"expected": 3, "failed": 1, "with_failed_metrics": 0},
        scores={
            "freeze": Score(
                value=0.5,
                **COUNTS,
                gates=[Gate(metric="loop", share=0.5, limit=0.1, n=10, n_failed=0)],
            ),
            "loop": Score(status="failed", code="video_unreadable", **COUNTS),
        },
        environment={"python": "3.11"},
        timing={"seconds": 1.5},
    )
    text = canonical_json(record.model_dump())
    assert RunRecord.model_validate(json.loads(text)) == record


def test_a_record_without_curves_keeps_their_ends() -> None:
    score = ItemScore(value=1.0, series={"level": Series(t=[0.0, 1.0], y=[2.0, 3.0])})
    video = VideoRecord(id="a", path="a.mp4", cluster="a")
    slim = ItemRecord(identity="x", video=video, metrics={"m": score}).without_curves()
    assert slim.metrics["m"].series["level"] == Series(t=[1.0], y=[3.0])
    assert slim.metrics["m"].value == 1.0
