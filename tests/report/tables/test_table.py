from __future__ import annotations

from pathlib import Path
from types import ModuleType

from lvbench.report.tables.describe import GROUPS, describe
from lvbench.report.tables.table import Table, score_table
from lvbench.results.run import load_run


def _row(table: Table, key: str):  # type: ignore[no-untyped-def]
    return next(row for row in table.rows if row.key == key)


def test_rows_are_grouped_and_headlines_lead_their_components(run_folder: Path) -> None:
    table = score_table(load_run(run_folder))
    groups = [group for group, _ in table.grouped()]
    assert groups == sorted(groups, key=GROUPS.index)
    assert groups[0] == "over time"
    keys = [row.key for row in table.rows]
    headline = keys.index("exposure_drift")
    assert keys[headline + 1].startswith("exposure_drift.")
    assert table.rows[headline].level == 0
    assert table.rows[headline + 1].level == 1


def test_denominator_is_shown_where_not_full(run_folder: Path) -> None:
    row = _row(score_table(load_run(run_folder)), "exposure_drift")
    assert row.cells[3].display == "5/6"
    assert row.cells[3].hover == "1 of 6 videos failed"


def test_full_denominator_is_one_number(factory: ModuleType, tmp_path: Path) -> None:
    run = load_run(factory.make_run(tmp_path / "run", failed=False))
    assert _row(score_table(run), "exposure_drift").cells[3].display == "6"


def test_unavailable_is_a_dash_with_the_reason(factory: ModuleType, run_folder: Path) -> None:
    factory.change_score(
        run_folder, "seam", value=None, ci_low=None, ci_high=None, ci_method=None,
        status="unavailable", code="weights_missing", detail="lvbench weights pull i3d",
    )  # fmt: skip
    table = score_table(load_run(run_folder))
    cell = _row(table, "seam").cells[0]
    assert (cell.display, cell.value, cell.status) == ("–", None, "unavailable")
    assert cell.hover == "unavailable (weights_missing): lvbench weights pull i3d"
    assert any("weights_missing" in remark for remark in table.remarks())


def test_failed_gate_says_why_and_keeps_the_value(factory: ModuleType, run_folder: Path) -> None:
    gate = {"metric": "freeze", "share": 0.2, "limit": 0.1, "n": 10, "n_failed": 0}
    factory.change_score(run_folder, "flow_smoothness", gates=[gate])
    cell = _row(score_table(load_run(run_folder)), "flow_smoothness").cells[0]
    assert cell.value is not None
    assert "in 2 of 10 judged videos, 10 % allowed" in cell.gate


def test_component_that_repeats_its_headline_is_left_out(
    factory: ModuleType, run_folder: Path
) -> None:
    run = load_run(run_folder)
    headline = run.scores["sharpness_drift"].model_dump()
    factory.change_score(run_folder, "sharpness_drift.end_level", **headline)
    keys = [row.key for row in score_table(load_run(run_folder)).rows]
    assert "sharpness_drift" in keys
    assert "sharpness_drift.end_level" not in keys


def test_unknown_metric_is_described_by_its_name() -> None:
    about = describe("made_up.half_life@dinov2_vits14")
    assert about.group == "other"
    assert about.title == "Half life (dinov2_vits14)"
    assert about.metric_title == "Made up (dinov2_vits14)"
