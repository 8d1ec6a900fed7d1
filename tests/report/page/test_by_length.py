from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import yaml
from click.testing import CliRunner

from lvbench.cli.report import report
from lvbench.report.page.by_length import length_table
from lvbench.report.page.report import render_report
from lvbench.results.run import load_run

PROMPTS: dict[str, Any] = {
    "file": "prompts.jsonl", "sha256": "0" * 64, "fps": 24.0, "width": 64, "height": 64,
    "seeds": [0],
}  # fmt: skip


def asked(folder: Path, seconds: float | list[float]) -> Path:
    lock = {"protocol": {"prompts": PROMPTS | {"seconds": seconds}}}
    (folder / "protocol.lock.yaml").write_text(yaml.safe_dump(lock), "utf-8")
    return folder


@pytest.fixture
def lengths(factory: ModuleType, tmp_path: Path) -> Path:
    """Return a run of nine videos of 30, 26 and 22 s, the last of which has failed."""
    folder: Path = factory.make_run(tmp_path / "lengths", videos=9)
    factory.add_cost(folder, [0.1 * (1 + i % 3) for i in range(9)], [30.0, 26.0, 22.0] * 3)
    return asked(folder, [22.0, 26.0, 31.0])


def test_every_headline_of_quality_has_its_median_at_each_length(lengths: Path) -> None:
    run = load_run(lengths)
    table = length_table(run)
    assert table is not None
    # A video stands under the length nearest to its own.
    assert [c.title for c in table.columns] == [
        "22 s, 3 videos",
        "26 s, 3 videos",
        "31 s, 3 videos",
    ]
    rows = {row.key: row for row in table.rows}
    # What has no good direction is no quality; cost stands last.
    assert "motion_magnitude" not in rows
    assert list(rows)[-1] == "cost"
    of_30 = [item for item in run.items if item.video.duration == 30.0]
    expected = np.median([abs(i.metrics["exposure_drift"].value or 0.0) for i in of_30])
    assert rows["exposure_drift"].cells[2].value == pytest.approx(expected)
    assert [cell.value for cell in rows["cost"].cells] == pytest.approx([0.3, 0.2, 0.1])


def test_fewer_videos_than_the_column_are_said(lengths: Path) -> None:
    table = length_table(load_run(lengths))
    assert table is not None
    cells = {row.key: row.cells for row in table.rows}["exposure_drift"]
    assert cells[0].display.endswith(" (2)")
    assert cells[0].hover.startswith("2 of 3 videos, middle half ")
    assert "(" not in cells[1].display


def test_a_failed_gate_strikes_the_row(lengths: Path, factory: ModuleType) -> None:
    gate = {"metric": "freeze", "share": 0.5, "limit": 0.1, "n": 6, "n_failed": 0}
    factory.change_score(lengths, "exposure_drift", gates=[gate])
    table = length_table(load_run(lengths))
    assert table is not None
    cells = {row.key: row.cells for row in table.rows}["exposure_drift"]
    assert all("not ranked" in cell.gate for cell in cells)


def test_it_stands_in_the_reports(lengths: Path) -> None:
    html = render_report(load_run(lengths))
    assert html.index('id="scores"') < html.index('id="lengths"') < html.index('id="cost"')
    said = CliRunner().invoke(report, [str(lengths), "--format", "md"]).output
    assert "| Score | 22 s, 3 videos | 26 s, 3 videos | 31 s, 3 videos |" in said


@pytest.mark.parametrize("seconds", [22.0, None])
def test_one_length_or_none_has_no_table(
    seconds: float | None, factory: ModuleType, tmp_path: Path
) -> None:
    folder = factory.make_run(tmp_path / "run", videos=3)
    if seconds is not None:
        asked(folder, seconds)
    assert length_table(load_run(folder)) is None
    assert 'id="lengths"' not in render_report(load_run(folder))
