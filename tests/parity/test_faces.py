from __future__ import annotations

from pathlib import Path

import pytest

from tests.parity import cases_faces


@pytest.mark.assets
def test_detection_alignment_and_embedding_equal_the_references(assets: Path) -> None:
    cases = cases_faces.cases(assets)
    wrong = [f"{c.name}: {c.ours} against {c.theirs}" for c in cases if not c.holds]
    assert not wrong
    assert len(cases) == 26
