"""The series that formulas read are there."""

from __future__ import annotations

import pytest

from lvbench.metrics.common.source_series import SOURCES
from lvbench.metrics.registry import build


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_is_the_first_series_of_its_metric(name: str) -> None:
    source = SOURCES[name]
    assert source.series == next(iter(build(name).info.series))
    assert source.unit == build(name).info.series[source.series]
