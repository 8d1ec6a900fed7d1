from __future__ import annotations

from pathlib import Path

from lvbench.leaderboard.board import Section, sections
from lvbench.leaderboard.collect import collect


def _sections(root: Path) -> list[Section]:
    return sections(collect(root, {})["lvb-smoke"])


def _models(section: Section) -> list[str]:
    return [entry.row.model for entry in section.entries]


def test_best_first_with_a_rule_between_groups(root: Path, add_row) -> None:  # type: ignore[no-untyped-def]
    for model, value in (("worst", 9.0), ("tied", 1.05), ("best", 1.0)):
        add_row(model, {"exposure_drift": value})
    (section,) = _sections(root)
    assert _models(section) == ["best", "tied", "worst"]
    assert [row.rule for row in section.table.rows] == [False, False, True]
    assert [row.cells[0].display for row in section.table.rows] == ["1–2", "1–2", "3"]


def test_gated_model_is_struck_through_and_tops_nothing(root: Path, add_row) -> None:  # type: ignore[no-untyped-def]
    add_row("still", {"exposure_drift": 0.0, "flow_smoothness": 0.0}, gated=True)
    add_row("moving", {"exposure_drift": 2.0, "flow_smoothness": 2.0})
    (section,) = _sections(root)
    assert _models(section) == ["moving", "still"]
    still = section.table.rows[1]
    assert still.cells[0].display == "–"
    assert still.cells[0].hover == "not ranked: a gate has failed"
    assert all(cell.gate for cell in still.cells[1:3])


def test_other_identity_or_number_of_videos_is_another_table(root: Path, add_row) -> None:  # type: ignore[no-untyped-def]
    add_row("a", {"exposure_drift": 1.0})
    add_row("b", {"exposure_drift": 1.0}, hash="b" * 64)
    add_row("c", {"exposure_drift": 1.0}, videos=30)
    found = _sections(root)
    assert sorted(_models(section) for section in found) == [["a"], ["b"], ["c"]]
    assert len({section.heading for section in found}) == 3


def test_partial_run_is_named_and_left_out(root: Path, add_row) -> None:  # type: ignore[no-untyped-def]
    add_row("whole", {"exposure_drift": 1.0})
    add_row("part", {"exposure_drift": 0.0}, status="partial", reasons=["--limit"], signature=None)
    (section,) = _sections(root)
    assert _models(section) == ["whole"]
    assert any("part (Lab, v1) is left out" in note for note in section.table.notes)


def test_source_and_coverage_are_told(root: Path, add_row) -> None:  # type: ignore[no-untyped-def]
    add_row("a", {"exposure_drift": 1.0}, verified=False)
    add_row("b", {"exposure_drift": 1.0}, videos=60)
    (section,) = _sections(root)
    assert [row.cells[-1].display for row in section.table.rows] == ["self-reported", "verified"]
    assert section.table.rows[0].cells[-2].display == "60"
