from __future__ import annotations

from pathlib import Path

import pytest

from lvbench.errors import ConfigError
from lvbench.leaderboard.collect import collect


def test_rows_are_sorted_whatever_the_file_system_says(root: Path, add_row) -> None:  # type: ignore[no-untyped-def]
    for model in ("b", "C", "a"):
        add_row(model, {"exposure_drift": 1.0})
    assert [entry.row.model for entry in collect(root, {})["lvb-smoke"]] == ["a", "b", "C"]


def test_row_in_another_rows_place_is_refused(root: Path, add_row) -> None:  # type: ignore[no-untyped-def]
    file = add_row("A", {"exposure_drift": 1.0})
    file.rename(file.with_name("v2.json"))
    with pytest.raises(ConfigError) as caught:
        collect(root, {})
    assert caught.value.code == "row_misplaced"
    assert "lvb-smoke/Lab__A/v1.json" in str(caught.value)
