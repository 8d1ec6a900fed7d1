"""Every output of the same runs says the same numbers, and ranks them the same way."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from html import unescape
from pathlib import Path

import numpy as np
import pytest

from lvbench.comparison.compare import Comparison, compare
from lvbench.comparison.record import comparison_record
from lvbench.leaderboard.build import build
from lvbench.metrics.registry import METRICS
from lvbench.report.explain_score import explain_score
from lvbench.report.page.report import render_report
from lvbench.report.tables.describe import STATISTICS, describe
from lvbench.report.tables.latex import latex
from lvbench.report.tables.markdown import markdown
from lvbench.report.tables.table import readable, score_table
from lvbench.results.run import Run, load_run
from lvbench.results.schema import ItemRecord
from tests.leaderboard import synthetic

MINUS = "\N{MINUS SIGN}"
FLIPPED = ("exposure_drift", "sharpness_drift", "colour_drift")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return two runs: by the mean the second is worse in every drift, by the median better."""
    root = tmp_path_factory.mktemp("flipped")
    return _run(root / "a", bad=0.0, usual=4.0), _run(root / "b", bad=90.0, usual=2.0)


def _run(folder: Path, *, bad: float, usual: float) -> Path:
    tools = synthetic.tools_for("lvb-smoke")
    items, arrays = synthetic.make_items(tools, videos=24)
    drawn = np.random.default_rng(7).normal(0, 0.3, 24)
    changed = []
    for number, item in enumerate(items):
        size = bad if bad and number < 2 else usual + float(drawn[number])
        metrics = dict(item.metrics)
        for key in FLIPPED:
            value = -size if key == "sharpness_drift" else size
            metrics[key] = metrics[key].model_copy(update={"value": value})
        changed.append(item.model_copy(update={"metrics": metrics}))
    return synthetic.write_items(folder, tools, changed, arrays, released=True)


@pytest.fixture(scope="module")
def runs(folders: tuple[Path, Path]) -> tuple[Run, Run]:
    return load_run(folders[0]), load_run(folders[1])


@pytest.fixture(scope="module")
def compared(folders: tuple[Path, Path]) -> Comparison:
    return compare(*folders)


@pytest.fixture(scope="module")
def board(folders: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    root = tmp_path_factory.mktemp("boards")
    files = _built(root, folders)
    return {Path(name).name: text for name, text in files.items() if "lvb-smoke/" in name}


def _built(root: Path, folders: Sequence[Path]) -> dict[str, str]:
    """Build a board on which every score ranks, whatever the last accepted validation found."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lvbench.leaderboard.board.has_passed", lambda score: True)
        return build(root, {"a": folders[0], "b": folders[1]})


def _values(items: list[ItemRecord], key: str) -> list[float]:
    return [item.metrics[key].value or 0.0 for item in items]


def test_mean_and_median_rank_these_two_runs_in_opposite_order(runs: tuple[Run, Run]) -> None:
    for key in FLIPPED:
        a, b = (np.abs(_values(run.items, key)) for run in runs)
        assert np.median(b) < np.median(a)
        assert b.mean() > a.mean()


def test_compare_says_what_the_reports_say(runs: tuple[Run, Run], compared: Comparison) -> None:
    record = comparison_record(compared)
    assert len(record["differences"]) > 20
    for key, found in record["differences"].items():
        base, head = (run.scores[key].value for run in runs)
        assert (found["base"], found["head"]) == (base, head), key
        assert base is not None
        assert head is not None
        assert found["difference"] == pytest.approx(head - base, abs=1e-12), key
        assert found["statistic"] == describe(key).statistic
    assert {d.outcome for d in compared.differences if d.key in FLIPPED} == {"improvement"}


def test_every_table_of_a_run_prints_the_same_cells(runs: tuple[Run, Run]) -> None:
    run = runs[1]
    table = score_table(run)
    cells = {row.key: row.cells for row in table.rows}
    for key, (value, _, statistic, _) in cells.items():
        assert value.value == readable(run.scores[key]).value
        assert statistic.display == STATISTICS[describe(key).statistic]
    shown = [[cell.display for cell in row] for row in cells.values()]
    assert _of_html(render_report(run), len(shown)) == shown
    lines = [line for line in markdown(table).splitlines() if line.count(" | ") == 4]
    rows = [line for line in lines[2:] if "**" not in line]
    assert [[_plain(cell) for cell in line.split(" | ")[1:]] for line in rows] == shown
    body = [line for line in latex(table).splitlines() if line.count(" & ") == 4][1:]
    assert [[_of_latex(cell) for cell in line.split(" & ")[1:]] for line in body] == shown


def test_explain_says_the_same(runs: tuple[Run, Run]) -> None:
    for key in FLIPPED:
        content = explain_score(runs[1], key)
        assert content["result"]["value"] == runs[1].scores[key].value
        assert "median" in content["aggregation"]


def test_boards_say_what_the_reports_say(runs: tuple[Run, Run], board: dict[str, str]) -> None:
    models = {"a": runs[0], "b": runs[1]}
    lines = list(csv.DictReader(io.StringIO(board["board.csv"])))
    (section,) = json.loads(board["board.json"])["sections"]
    told = [(line["model"], line) for line in lines]
    told += [(m["model"], score) for m in section["models"] for score in m["scores"]]
    assert len(told) == 2 * sum(len(run.scores) for run in models.values())
    for model, score in told:
        own = models[model].scores[score["score"]]
        assert (float(score["value"]) if score["value"] not in ("", None) else None) == own.value
        assert score["statistic"] == describe(score["score"]).statistic
    for text in (board["board.md"], board["board.html"], board["board.tex"]):
        plain = _plain(_of_latex(unescape(text)))
        assert "the median of Colour drift" in plain
    for run in runs:
        for row in score_table(run).rows:
            if row.level == 0 and row.cells[0].value is not None:
                assert row.cells[0].display in _plain(board["board.md"]), row.key
                assert row.cells[0].display in unescape(board["board.html"]), row.key
                assert row.cells[0].display in _of_latex(board["board.tex"]), row.key


def test_a_board_of_two_and_compare_distinguish_the_same_scores(
    compared: Comparison, board: dict[str, str]
) -> None:
    (section,) = json.loads(board["board.json"])["sections"]
    marks = {m["model"]: {s["score"]: s["mark"] for s in m["scores"]} for m in section["models"]}
    tested = [d for d in compared.differences if d.tested]
    assert len(tested) > 6
    for d in tested:
        said = {"improvement": ("second", "best"), "regression": ("best", "second")}
        assert (marks["a"][d.key], marks["b"][d.key]) == said.get(d.outcome, ("", "")), d.key


@pytest.mark.parametrize("seed", range(4))
def test_random_runs_are_distinguished_alike(seed: int, tmp_path: Path) -> None:
    tools = synthetic.tools_for("lvb-smoke")
    rng = np.random.default_rng(seed)
    folders = []
    for name in "ab":
        items, arrays = synthetic.make_items(
            tools, videos=int(rng.integers(10, 20)), seed=int(rng.integers(100)),
            fault=float(rng.choice([0.0, 0.5, 1.0])),
        )  # fmt: skip
        folders.append(synthetic.write_items(tmp_path / name, tools, items, arrays, released=True))
    _same_videos(folders)
    files = _built(tmp_path / "boards", folders)
    board = {"board.json": files["lvb-smoke/board.json"]}
    test_a_board_of_two_and_compare_distinguish_the_same_scores(compare(*folders), board)


def _same_videos(folders: list[Path]) -> None:
    """State the same number of videos in both runs, so that they share a table."""
    for folder in folders:
        record = json.loads((folder / "run.json").read_text("utf-8"))
        record["videos"]["expected"] = 20
        (folder / "run.json").write_text(json.dumps(record), "utf-8")


def test_whole_sets_and_nothing_else_are_said_to_be_of_the_set() -> None:
    fits = {"cost", "reappearance"}  # a slope over all videos is of the set too
    for name in METRICS.names():
        metric = METRICS.get(name)
        info = metric.info
        every = {f"{name}.{part}": what for part, what in info.components.items()}
        of_set = {key for key, what in {name: info.headline, **every}.items()
                  if what.statistic == "set"}  # fmt: skip
        if metric.of_sets:
            assert of_set == {name, *every}
        else:
            assert name in fits or not of_set
            assert info.headline.statistic in ("mean", "median", "median_absolute")


def _of_html(html: str, rows: int) -> list[list[str]]:
    table = html[html.index('<table class="sortable') :].partition("</table>")[0]
    found = re.findall(r'<tr class="(?:headline|component)[^>]*>(.*?)</tr>', table, re.DOTALL)
    assert len(found) == rows
    return [
        [unescape(re.sub(r"<[^>]+>", "", cell)).strip()
         for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)]
        for row in found
    ]  # fmt: skip


def _plain(text: str) -> str:
    """Return Markdown as it reads."""
    bare = re.sub(r"\\([\\`*_{}\[\]|~#!$])", r"\1", text.replace("~~", "").replace("**", ""))
    return bare.removesuffix(" |").strip()


def _of_latex(text: str) -> str:
    """Return LaTeX as it reads."""
    for written, read in (
        (r"$\pm$", "±"), ("$-$", MINUS), (r"$\geq$", "≥"), (r"$\leq$", "≤"), (r"$\Delta$", "Δ"),
        (r"\textdegree{}", "°"), ("--", "–"), (r"\%", "%"), (r"\_", "_"), (r" \\", ""),
        (r"\textsuperscript{2}", "²"),
    ):  # fmt: skip
        text = text.replace(written, read)
    return text.strip()
