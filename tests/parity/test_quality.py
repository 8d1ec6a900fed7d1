from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.parity import cases_quality
from tests.parity.case import Case


def outside(cases: list[Case]) -> list[str]:
    return [f"{c.name}: {c.ours} against {c.theirs}" for c in cases if not c.holds]


@pytest.mark.assets
def test_brisque_and_niqe_equal_their_peers(assets: Path) -> None:
    cases = cases_quality.quality_cases(assets)
    assert not outside(cases)
    assert len(cases) == 36


@pytest.mark.assets
def test_the_aesthetic_head_equals_the_recorded_outputs(assets: Path) -> None:
    cases = cases_quality.head_cases(assets)
    assert not outside(cases)
    ratings = [case.ours for case in cases if "rating" in case.name]
    assert len(ratings) == 10
    assert np.diff(ratings).min() > 0.8
