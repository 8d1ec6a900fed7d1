from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import pytest

from lvbench.report.tables.describe import GROUPS, describe
from lvbench.report.tables.table import (
    Table,
    is_worse,
    readable,
    score_cell,
    score_table,
    table_json,
)
from lvbench.results.run import load_run
from lvbench.results.schema import Score


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
    assert "in 2 of 10 scored videos, 10 % allowed" in cell.gate


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


def test_json_holds_display_value_and_bounds_and_is_stable(run_folder: Path) -> None:
    text = table_json(score_table(load_run(run_folder)))
    assert text == table_json(score_table(load_run(run_folder)))
    row = next(row for row in json.loads(text)["rows"] if row["key"] == "exposure_drift")
    cell = row["cells"][0]
    score = load_run(run_folder).scores["exposure_drift"]
    assert (cell["value"], cell["low"], cell["high"]) == (
        score.value, score.ci_low, score.ci_high,
    )  # fmt: skip
    assert "±" in cell["display"]


def score(value: float | None, unit: str = "bytes") -> Score:
    return Score(
        value=value,
        ci_low=None if value is None else 0.9 * value,
        ci_high=None if value is None else 1.1 * value,
        ci_method="boot-t1000",
        n_expected=9,
        n_scored=9,
        n_failed=0,
        higher_is_better=False,
        unit=unit,
        status="not_applicable" if value is None else "ok",
        measured=True,
    )


@pytest.mark.parametrize(
    ("value", "shown", "unit"),
    [(3.2e9, "3.20 ± 0.32", "GB"), (1.0e8, "100 ± 10", "MB"), (512.0, "512 ± 51", "bytes")],
)
def test_bytes_are_shown_in_the_largest_unit_that_fits(value: float, shown: str, unit: str) -> None:
    found = readable(score(value))
    assert found.unit == unit
    assert score_cell(found).display == shown
    assert "measured during generation" in score_cell(found).hover


def test_other_scores_stay() -> None:
    for one in (score(3e9, "s"), score(None)):
        assert readable(one) is one


@pytest.mark.parametrize("better", [True, False, None])
def test_a_score_is_worse_where_intervals_are_apart(better: bool | None) -> None:
    def score(value: float, half: float | None = 0.5) -> Score:
        ends = {} if half is None else {"ci_low": value - half, "ci_high": value + half}
        return Score(
            value=value, n_expected=9, n_scored=9, n_failed=0, higher_is_better=better, unit="",
            **ends,
        )  # fmt: skip

    assert is_worse(score(1.0), score(3.0)) == (better is True)
    assert is_worse(score(3.0), score(1.0)) == (better is False)
    assert not is_worse(score(1.0), score(1.5))
    assert not is_worse(score(1.0), score(3.0, half=None))


def test_a_score_on_which_real_video_is_worse_is_marked(
    factory: ModuleType, tmp_path: Path
) -> None:
    run, real = (load_run(factory.make_run(tmp_path / name)) for name in ("run", "real"))
    own = run.scores["exposure_drift"]
    far = own.model_copy(update={"value": 99.0, "ci_low": 98.0, "ci_high": 99.5})
    real.scores["exposure_drift"] = far
    cells = _row(score_table(run, real), "exposure_drift").cells
    assert cells[1].display.endswith("(worse)")
    assert not _row(score_table(real, run), "exposure_drift").cells[1].display.endswith("(worse)")
