"""A summary is the weighted mean of scores on their way from worst to best, or nothing."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from lvbench.protocol.schema import Protocol, SummaryPart
from lvbench.protocol.summary import summarise

LESS = SummaryPart(score="freeze", weight=1.0, worst=0.5, best=0.0)
MORE = SummaryPart(score="motion_magnitude.p90", weight=3.0, worst=0.0, best=2.0)


@pytest.mark.parametrize(
    ("freeze", "motion", "expected"),
    [
        (0.5, 0.0, 0.0),
        (0.0, 2.0, 1.0),
        (0.25, 2.0, 0.875),
        (0.5, 1.0, 0.375),
        (9.0, 9.0, 0.75),
        (-1.0, -1.0, 0.25),
    ],
)
def test_a_weighted_mean_cut_to_worst_and_best(
    freeze: float, motion: float, expected: float
) -> None:
    values = {"freeze": freeze, "motion_magnitude.p90": motion, "loop": 1.0}
    assert summarise([LESS, MORE], values) == pytest.approx(expected)


def test_a_missing_score_or_no_parts_have_no_summary() -> None:
    assert summarise([LESS, MORE], {"freeze": 0.1}) is None
    assert summarise([LESS], {"freeze": None}) is None
    assert summarise(None, {"freeze": 0.1}) is None


def test_a_summary_is_checked_against_the_metrics() -> None:
    content = {
        "name": "mine",
        "version": 1,
        "segment_seconds": 0.5,
        "metrics": [
            {"name": "motion_magnitude", "version": 1, "parameters": {"extractor": "raft_small"}}
        ],
    }
    part = {"score": "motion_magnitude.p90@raft_small", "weight": 1.0, "worst": 0.0, "best": 1.0}
    assert Protocol.model_validate(content | {"summary": [part]}).summary is not None
    for wrong, message in (
        ([part, part], "twice"),
        ([part | {"score": "motion_magnitude"}], "does not run"),
        ([part | {"best": 0.0}], "worst and best are both 0"),
        ([part | {"weight": 0.0}], "greater than 0"),
        ([], "at least 1"),
    ):
        with pytest.raises(ValidationError, match=message):
            Protocol.model_validate(content | {"summary": wrong})
