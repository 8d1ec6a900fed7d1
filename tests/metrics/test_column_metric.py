"""Declared columns: one number for each time, and an error that names what is wrong."""

from __future__ import annotations

import numpy as np
import pytest

from lvbench.features.base import Features
from lvbench.metrics.base import MetricInfo, ScoreInfo, VideoContext
from lvbench.metrics.column_metric import Collected, ColumnMetric
from lvbench.results.schema import ItemScore


class Level(ColumnMetric):
    """Average a level."""

    info = MetricInfo(
        name="level",
        version=1,
        headline=ScoreInfo("Level", "", None),
        needs=("meter", "shots"),
        range=(None, None),
        group="motion",
    )
    columns = ("level", "width")

    def item(self, state: Collected) -> ItemScore:
        if not len(state.t):
            return ItemScore(status="not_applicable", code="too_short", detail="no frame")
        return ItemScore(value=float(state["level"].mean()))


def block(*levels: float) -> Features:
    values = np.array(levels)
    return Features(np.arange(len(values)) / 8, {"level": values, "width": values * 2})


def test_state_and_update_come_from_the_declared_columns() -> None:
    metric = Level()
    state = metric.new_state(VideoContext())
    metric.update(state, {"shots": Features(np.zeros(1), {})})
    metric.update(state, {"meter": block(1.0, 2.0)})
    metric.update(state, {"meter": block(6.0)})
    assert metric.item(state).value == 3.0
    assert state["width"].tolist() == [2.0, 4.0, 12.0]
    assert len(state.t) == 3


def test_a_video_without_frames_has_empty_columns() -> None:
    metric = Level()
    state = metric.new_state(VideoContext())
    assert metric.item(state).code == "too_short"
    assert state["level"].shape == (0,)


def test_an_array_of_two_dimensions_is_refused_with_name_and_shape() -> None:
    state = Collected(VideoContext(), ["borders"])
    bad = Features(np.arange(3.0), {"borders": np.zeros((3, 4))})
    with pytest.raises(ValueError, match=r"'borders'.* \(3, 4\), expected \(3,\)"):
        state.add(bad)
    assert len(state.t) == len(state["borders"]) == 0


def test_a_name_that_is_not_declared_is_refused_with_those_that_are() -> None:
    state = Collected(VideoContext(), ["level", "width"])
    with pytest.raises(ValueError, match=r"'levle': no such column; .* level, width"):
        state["levle"]
    with pytest.raises(ValueError, match=r"'depth': the features have no such array.*level, width"):
        Collected(VideoContext(), ["depth"]).add(block(1.0))
    with pytest.raises(ValueError, match="'width': no such column"):
        Collected(VideoContext(), ["level"]).add(block(1.0), "width")


def test_a_column_that_only_some_blocks_have_is_refused() -> None:
    state = Collected(VideoContext(), ["level", "width"])
    state.add(block(1.0, 2.0))
    state.add(block(3.0), "level")
    with pytest.raises(ValueError, match="'width': 2 numbers, expected 3"):
        state["width"]
