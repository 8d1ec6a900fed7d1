from __future__ import annotations

from pathlib import Path

import pytest

from tests.parity import cases_loudness


@pytest.mark.assets
def test_loudness_equals_ffmpegs(assets: Path) -> None:
    cases = cases_loudness.cases(assets)
    wrong = [f"{c.name}: {c.ours} against {c.theirs}" for c in cases if not c.holds]
    assert not wrong
    assert len(cases) == 4
