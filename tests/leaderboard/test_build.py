from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from lvbench.errors import ConfigError
from lvbench.leaderboard.board import sections
from lvbench.leaderboard.build import build, check_boards, write_boards
from lvbench.leaderboard.collect import collect
from lvbench.leaderboard.view import bars
from lvbench.printing import visible
from lvbench.results.schema import ProtocolRecord
from tests.test_printing import steers

ROOT = Path(__file__).resolve().parents[2]


def test_same_rows_give_the_same_bytes(root: Path, add_row) -> None:  # type: ignore[no-untyped-def]
    for model, value in (("a", 1.0), ("b", 2.0)):
        add_row(model, {"exposure_drift": value})
    assert build(root) == build(root)


def test_no_rows_give_an_empty_board_that_says_so(root: Path) -> None:
    files = build(root)
    assert sorted(path.name for path in files) == ["board.html", "board.md"]
    assert all("No rows yet." in content for content in files.values())


def test_markdown_and_page_hold_the_models(root: Path, add_row) -> None:  # type: ignore[no-untyped-def]
    add_row("Model<1>", {"exposure_drift": 1.0}, url="https://example.org/model")
    files = build(root)
    text = files[root / "lvb-smoke" / "board.md"]
    page = files[root / "lvb-smoke" / "board.html"]
    assert "Model&lt;1&gt; (Lab, v1)" in text
    assert "1.00 ± 0.10" in text
    assert '<a href="#s0-lab-model-1-v1">Model&lt;1&gt;</a>' in page
    assert '<a href="https://example.org/model">Model</a>' in page


def test_check_fails_where_a_board_was_edited_or_is_missing(root: Path, add_row) -> None:  # type: ignore[no-untyped-def]
    add_row("a", {"exposure_drift": 1.0})
    with pytest.raises(ConfigError) as caught:
        check_boards(build(root))
    assert caught.value.code == "board_stale"
    write_boards(build(root))
    check_boards(build(root))
    board = root / "lvb-smoke" / "board.md"
    board.write_text(board.read_text("utf-8").replace("1.00", "0.10"), "utf-8")
    with pytest.raises(ConfigError, match="1 of 7 boards"):
        check_boards(build(root))


def test_bars_stay_inside_the_drawing(root: Path, add_row) -> None:  # type: ignore[no-untyped-def]
    for model, value in (("a", 1.0), ("b", 1.05), ("c", 5.0)):
        add_row(model, {"exposure_drift": value})
    (section,) = sections(collect(root, {})["lvb-smoke"])
    drawn, cost = bars(section)
    assert cost is None
    assert [bar.name for bar in drawn] == ["a", "b", "c"]
    assert all(bar.x >= 0 and bar.x + bar.width <= 1000.1 for bar in drawn)


def test_committed_boards_are_what_their_rows_give() -> None:
    check_boards(build(ROOT / "leaderboards"))


def test_latex_marks_groups_and_data_holds_what_is_not_printed(root: Path, add_row) -> None:  # type: ignore[no-untyped-def]
    for model, value in (("a", 1.0), ("b", 1.05), ("c", 5.0), ("d", 9.0)):
        add_row(model, {"exposure_drift": value})
    files = build(root)
    text = files[root / "lvb-smoke" / "board.tex"]
    assert text.count(r"\textbf{") == 2, "a and b are tied: the point value decides nothing"
    assert text.count(r"\underline{5.00") == 1
    rows = list(csv.DictReader(files[root / "lvb-smoke" / "board.csv"].splitlines()))
    assert [(row["model"], row["mark"], row["rank_best"]) for row in rows] == [
        ("a", "best", "1.0"), ("b", "best", "1.0"), ("c", "second", "3.0"), ("d", "", "4.0"),
    ]  # fmt: skip
    data = json.loads(files[root / "lvb-smoke" / "board.json"])
    first = data["sections"][0]["models"][0]
    assert (first["model"], first["scores"][0]["n_scored"]) == ("a", 60)


def test_length_figure_joins_the_lengths_of_one_model(root: Path, add_row) -> None:  # type: ignore[no-untyped-def]
    for seconds in (30, 60):
        for model in ("a", "b"):
            name = f"lvb-{seconds}s"
            protocol = ProtocolRecord(name=name, version=1, draft=False, hash=f"{seconds}" * 32)
            add_row(model, {"exposure_drift": seconds / 10}, protocol=protocol)
    files = build(root)
    for name in ("lvb-30s", "lvb-60s"):
        page = files[root / name / "board.html"]
        assert page.count("Exposure drift against length, all models") == 1
        assert "2 models, by length in seconds" in page


HOSTILE = "\x1b]0;t\x07\x1b[31mred\x9b2J\u202egnp"


def test_hostile_names_steer_no_terminal(root: Path, add_row) -> None:  # type: ignore[no-untyped-def]
    add_row("=cmd|' /C calc'!A0", {"exposure_drift": 1.0}, signature=HOSTILE)
    add_row(f"-{HOSTILE}", {"exposure_drift": 2.0})
    for path, content in build(root).items():
        assert steers(content) == set(), path.name
        assert "2J" in content or path.parent == root, path.name
    board = build(root)[root / "lvb-smoke" / "board.csv"]
    models = {row["model"] for row in csv.DictReader(io.StringIO(board))}
    assert models == {"'=cmd|' /C calc'!A0", "'-" + visible(HOSTILE)}
    assert r"\textbackslash" in build(root)[root / "lvb-smoke" / "board.tex"]
