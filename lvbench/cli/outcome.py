"""Print what an evaluation found, and choose its exit code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lvbench.cli.echo import echo

if TYPE_CHECKING:
    from lvbench.results.run import Run

SOME_FAILED = 4


def print_outcome(run: Run, path: Path, as_json: bool) -> int:
    """Write the report, print the table or run.json; return 4 where something failed, else 0.

    Args:
        run: The run.
        path: What was evaluated: the report's players look there for the files.
        as_json: Print run.json and no table.
    """
    from lvbench.engine.left_out import lines
    from lvbench.report.page.report import write_report
    from lvbench.results.equal import equal_lines

    page = write_report(run.folder, videos=path if path.is_dir() else path.parent)
    if as_json:
        echo((run.folder / "run.json").read_text("utf-8"), nl=False)
    else:
        _print_table(run, page)
    for item in run.items:
        if item.video.status == "failed":
            echo(f"failed: {item.video.detail}", err=True)
    for line in (*lines(run.record.left_out), *equal_lines(run.items)):
        echo(line, err=True)
    videos = run.record.videos
    return SOME_FAILED if videos["failed"] or videos["with_failed_metrics"] else 0


def _print_table(run: Run, page: Path) -> None:
    from lvbench.report.tables.table import score_table
    from lvbench.report.tables.terminal import terminal

    click.echo(terminal(score_table(run), next_step=f"report: {page}"), nl=False)
