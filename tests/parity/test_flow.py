from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.parity import cases_flow


@pytest.mark.assets
def test_flow_and_interpolation_equal_the_originals(assets: Path) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        cases = cases_flow.cases(assets)
    finally:
        torch.set_num_threads(before)
    wrong = [f"{c.name}: {c.ours} against {c.theirs}" for c in cases if not c.holds]
    assert not wrong
    assert len(cases) == 29
