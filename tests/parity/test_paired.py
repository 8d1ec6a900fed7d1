from __future__ import annotations

from pathlib import Path

import pytest

from tests.parity import cases_paired


@pytest.mark.assets
def test_what_holds_pairs_against_each_other_equals_the_references(assets: Path) -> None:
    cases = cases_paired.cases(assets)
    wrong = [f"{c.name}: {c.ours} against {c.theirs}" for c in cases if not c.holds]
    assert not wrong
    assert len(cases) == 34
