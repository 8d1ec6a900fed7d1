from __future__ import annotations

from pathlib import Path
from types import ModuleType

from lvbench.report.tables.table import score_table
from lvbench.report.tables.terminal import WIDTH, terminal
from lvbench.results.run import load_run


def test_fits_and_ends_with_what_to_open_next(run_folder: Path) -> None:
    text = terminal(score_table(load_run(run_folder)), next_step="open report.html", colour=False)
    *table, signature, last = text.splitlines()
    assert max(map(len, table)) <= WIDTH
    assert signature.startswith("lvb-smoke|v:1|"), "on one line, to be copied"
    assert last == "open report.html"
    assert "\x1b" not in text


def test_struck_number_says_so_without_colours(factory: ModuleType, run_folder: Path) -> None:
    gate = {"metric": "freeze", "share": 0.2, "limit": 0.1, "n": 10, "n_failed": 0}
    factory.change_score(run_folder, "flow_smoothness", gates=[gate])
    text = terminal(score_table(load_run(run_folder)), colour=False)
    assert "not ranked" in next(line for line in text.splitlines() if "1/s" in line)
