from __future__ import annotations

import json
from pathlib import Path

from lvbench.leaderboard.board import Section, sections
from lvbench.leaderboard.collect import Entry, collect, spread_of_items
from lvbench.leaderboard.schema import Row
from tests.leaderboard import synthetic


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
    assert still.cells[0].hover == still.cells[1].gate != ""
    assert sum("still" in remark for remark in section.table.remarks()) == 1
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
    assert section.table.rows[0].cells[-3].display == "60"


def test_bounds_stand_last_and_outside_the_ranks(root: Path, add_row) -> None:  # type: ignore[no-untyped-def]
    add_row("oracle", {"exposure_drift": 0.0}, baseline="upper")
    add_row("static", {"exposure_drift": 0.0}, baseline="lower")
    for model, value in (("a", 1.0), ("b", 5.0)):
        add_row(model, {"exposure_drift": value})
    (section,) = _sections(root)
    assert _models(section) == ["a", "b", "static", "oracle"]
    shown = [row.cells[0].display for row in section.table.rows]
    assert shown == ["1", "2", "lower bound", "upper bound"]
    assert [row.rule for row in section.table.rows] == [False, True, True, False]
    assert [row.cells[1].mark for row in section.table.rows] == ["best", "second", "", ""]


def test_a_score_on_which_real_video_is_worse_is_named(root: Path, add_row) -> None:  # type: ignore[no-untyped-def]
    add_row("footage", {"exposure_drift": 3.0, "colour_drift": 0.0}, baseline="real")
    for model, value in (("a", 1.0), ("b", 5.0)):
        add_row(model, {"exposure_drift": value, "colour_drift": value})
    (section,) = _sections(root)
    assert _models(section) == ["a", "b", "footage"]
    assert section.table.rows[2].cells[0].display == "real video"
    (note,) = (note for note in section.table.notes if note.startswith("Real video is worse"))
    assert note.endswith("on: Exposure drift (1 of 2 models).")


def test_only_scores_that_passed_validation_rank(root: Path, add_row) -> None:  # type: ignore[no-untyped-def]
    for model, exposure, colour in (("a", 1.0, 9.0), ("b", 5.0, 1.0)):
        add_row(model, {"exposure_drift": exposure, "colour_drift": colour})
    entries = collect(root, {})["lvb-smoke"]
    (section,) = sections(entries, lambda key: key == "colour_drift")
    assert _models(section) == ["b", "a"]
    assert [row.cells[0].display for row in section.table.rows] == ["1", "2"]
    marks = {c.key: cell.mark for c, cell in zip(
        section.table.columns, section.table.rows[0].cells, strict=True)}  # fmt: skip
    assert marks["colour_drift"] == "best"
    assert marks["exposure_drift"] == ""
    assert any(note.startswith("Not ranked") and note.endswith(": Exposure drift.")
               for note in section.table.notes)  # fmt: skip
    (section,) = sections(entries, lambda key: False)
    assert section.ranks == (None, None)


def test_a_draft_is_shown_and_ranked_apart(root: Path, add_row) -> None:  # type: ignore[no-untyped-def]
    add_row("a", {"exposure_drift": 1.0})
    add_row("b", {"exposure_drift": 0.0}, draft=True)
    released, draft = _sections(root)
    assert (_models(released), _models(draft)) == (["a"], ["b"])
    assert "(draft: its numbers may still change)" in draft.heading
    assert draft.ranks == released.ranks
    assert "draft" not in released.heading


def test_coverage_stands_beside_a_score_that_is_not_full(root: Path, add_row) -> None:  # type: ignore[no-untyped-def]
    file = add_row("a", {"exposure_drift": 1.0})
    content = json.loads(file.read_text("utf-8"))
    content["run"]["scores"]["exposure_drift"].update(n_scored=58, n_failed=2)
    file.write_text(json.dumps(content), "utf-8")
    (section,) = _sections(root)
    assert section.table.rows[0].cells[1].display == "1.00 ± 0.10 (58/60)"


def test_pairs_of_prompts_distinguish_models_that_intervals_do_not(root: Path) -> None:
    tools = synthetic.tools_for("lvb-smoke")
    entries = []
    for model, fault in (("good", 0.0), ("bad", 2.0)):
        items, arrays = synthetic.make_items(tools, videos=24, fault=fault, seed=int(fault))
        run = synthetic.record_of(tools, items, arrays)
        run = run.model_copy(update={"protocol": run.protocol.model_copy(update={"draft": False})})
        row = Row(model=model, organisation="Lab", revision="1", run=run)
        entries.append(Entry(row, None, spread_of_items(items)))
    (paired,) = sections(entries)
    assert any(
        note.startswith("Compared by the test of 'lvbench compare'") for note in paired.table.notes
    )
    (unpaired,) = sections([Entry(entry.row) for entry in entries])
    assert any(note.startswith("Compared by intervals") for note in unpaired.table.notes)
    first, second = (rank for rank in paired.ranks if rank)
    assert _models(paired) == ["good", "bad"]
    assert first.worst < second.best
    wide, other = (rank for rank in unpaired.ranks if rank)
    assert wide.worst > other.best, "what prompts have in common hides the difference"
