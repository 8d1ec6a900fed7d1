from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from lvbench.leaderboard.board import sections
from lvbench.leaderboard.build import build, write_boards
from lvbench.leaderboard.check import check
from lvbench.leaderboard.collect import ROWS, collect
from lvbench.leaderboard.schema import read_row
from lvbench.leaderboard.view import bars
from lvbench.printing import visible
from lvbench.report.tables.markdown import escape
from lvbench.results.schema import ProtocolRecord
from tests.test_printing import steers

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def committed() -> dict[str, str]:
    """Return the boards of the rows in this repository."""
    return build(ROOT / "leaderboards")


def test_same_rows_give_the_same_bytes(root: Path, add_row) -> None:  # type: ignore[no-untyped-def]
    for model, value in (("a", 1.0), ("b", 2.0)):
        add_row(model, {"exposure_drift": value})
    assert build(root) == build(root)


def test_no_rows_give_an_empty_board_that_says_so(root: Path) -> None:
    files = build(root)
    assert sorted(files) == ["board.html", "board.md"]
    assert all("No rows yet." in content for content in files.values())


def test_markdown_and_page_hold_the_models(root: Path, add_row) -> None:  # type: ignore[no-untyped-def]
    add_row("Model<1>", {"exposure_drift": 1.0}, url="https://example.org/model")
    files = build(root)
    text = files["lvb-smoke/board.md"]
    page = files["lvb-smoke/board.html"]
    assert "Model&lt;1&gt; (Lab, v1)" in text
    assert "1.00 ± 0.10" in text
    assert '<a href="#s0-lab-model-1-v1">Model&lt;1&gt;</a>' in page
    assert '<a href="https://example.org/model">Model</a>' in page


def test_boards_are_written_where_git_ignores_them(root: Path, add_row) -> None:  # type: ignore[no-untyped-def]
    add_row("a", {"exposure_drift": 1.0})
    paths = write_boards(root)
    assert {path.relative_to(root / "boards").as_posix() for path in paths} == set(build(root))
    assert all(path.read_text("utf-8") == build(root)[path.relative_to(root / "boards").as_posix()]
               for path in paths)  # fmt: skip
    ignored = ["git", "-C", str(ROOT), "check-ignore", "leaderboards/boards/lvb-smoke/board.md"]
    assert subprocess.run(ignored, capture_output=True, check=False).returncode == 0
    assert write_boards(root, out=root / "elsewhere")[0] == root / "elsewhere" / "board.md"


def test_bars_stay_inside_the_drawing(root: Path, add_row) -> None:  # type: ignore[no-untyped-def]
    for model, value in (("a", 1.0), ("b", 1.05), ("c", 5.0)):
        add_row(model, {"exposure_drift": value})
    (section,) = sections(collect(root, {})["lvb-smoke"])
    drawn, cost = bars(section)
    assert cost is None
    assert [bar.name for bar in drawn] == ["a", "b", "c"]
    assert all(bar.x >= 0 and bar.x + bar.width <= 1000.1 for bar in drawn)


def test_boards_of_the_committed_rows(committed: dict[str, str]) -> None:
    """Every committed row is on its board, with the numbers of its file, in every format."""
    rows = [read_row(file) for file in sorted((ROOT / "leaderboards").glob(ROWS))]
    protocols = {row.run.protocol.name for row in rows}
    kinds = ("csv", "html", "json", "md", "tex")
    boards = {f"{protocol}/board.{kind}" for protocol in protocols for kind in kinds}
    assert committed.keys() == {"board.html", "board.md"} | boards
    for protocol in protocols:
        data = json.loads(committed[f"{protocol}/board.json"])
        models = {
            (model["organisation"], model["model"], model["revision"]): model
            for section in data["sections"]
            for model in section["models"]
        }
        lines = list(csv.DictReader(io.StringIO(committed[f"{protocol}/board.csv"])))
        own = [row for row in rows if row.run.protocol.name == protocol]
        assert len(models) == len(own)
        assert len(lines) == sum(len(row.run.scores) for row in own)
        for row in own:
            model = models[row.organisation, row.model, row.revision]
            assert model["signature"] == row.run.signature
            values = {score["score"]: score["value"] for score in model["scores"]}
            assert values == {key: score.value for key, score in row.run.scores.items()}
            assert escape(row.model) in committed[f"{protocol}/board.md"]
            assert row.model in committed[f"{protocol}/board.html"]
        assert "No rows yet." not in committed[f"{protocol}/board.html"]


def test_the_committed_rows_have_no_faults() -> None:
    checked = check(ROOT / "leaderboards")
    assert checked.rows
    assert checked.faults == {}


def test_links_of_the_committed_boards_lead_to_their_files(committed: dict[str, str]) -> None:
    for name, content in committed.items():
        folder = Path(name).parent
        pattern = r"\]\(([^)]*)\)" if name.endswith(".md") else r'href="([^"#][^"]*)"'
        for link in re.findall(pattern, content):
            if not link.startswith("http"):
                assert os.path.normpath(folder / link) in committed, f"{name}: {link}"


def test_latex_marks_groups_and_data_holds_what_is_not_printed(root: Path, add_row) -> None:  # type: ignore[no-untyped-def]
    for model, value in (("a", 1.0), ("b", 1.05), ("c", 5.0), ("d", 9.0)):
        add_row(model, {"exposure_drift": value})
    files = build(root)
    text = files["lvb-smoke/board.tex"]
    assert text.count(r"\textbf{") == 2, "a and b are tied: the point value decides nothing"
    assert text.count(r"\underline{5.00") == 1
    rows = list(csv.DictReader(files["lvb-smoke/board.csv"].splitlines()))
    assert [(row["model"], row["mark"], row["rank_best"]) for row in rows] == [
        ("a", "best", "1"), ("b", "best", "1"), ("c", "second", "3"), ("d", "", "4"),
    ]  # fmt: skip
    data = json.loads(files["lvb-smoke/board.json"])
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
        page = files[f"{name}/board.html"]
        assert page.count("Exposure drift against length, all models") == 1
        assert "2 models, by length in seconds" in page


HOSTILE = "\x1b]0;t\x07\x1b[31mred\x9b2J\u202egnp"


def test_hostile_names_steer_no_terminal(root: Path, add_row) -> None:  # type: ignore[no-untyped-def]
    add_row("=cmd|' /C calc'!A0", {"exposure_drift": 1.0}, signature=HOSTILE)
    add_row(f"-{HOSTILE}", {"exposure_drift": 2.0})
    for name, content in build(root).items():
        assert steers(content) == set(), name
        assert "2J" in content or "/" not in name, name
    board = build(root)["lvb-smoke/board.csv"]
    models = {row["model"] for row in csv.DictReader(io.StringIO(board))}
    assert models == {"'=cmd|' /C calc'!A0", "'-" + visible(HOSTILE)}
    assert r"\textbackslash" in build(root)["lvb-smoke/board.tex"]
