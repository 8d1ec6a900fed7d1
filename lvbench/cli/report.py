"""`lvbench report`: write the report of a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lvbench.cli.echo import echo

if TYPE_CHECKING:
    from lvbench.results.run import Run


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "to",
    type=click.Choice(["html", "md", "json", "latex", "figures", "hf-eval-results"]),
    default="html",
    show_default=True,
    help="What to write; 'figures' are vector files for papers, 'hf-eval-results' is metadata for "
    "a model card on the Hugging Face Hub.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="File to write (a folder for figures).  [default: the run folder for html and figures, "
    "standard output for tables and metadata]",
)
@click.option(
    "--videos",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder that was evaluated, so that the report can play its videos.",
)
@click.option(
    "--real-run",
    "real",
    metavar="RUN",
    type=click.Path(path_type=Path),
    help="Run folder of real videos, judged by the same protocol: its figures stand beside the "
    "run's own in report and tables.",
)
@click.option(
    "--source", metavar="URL", help="Where the run can be looked up, for a model card's metadata."
)
def report(
    run: Path,
    to: str,
    out: Path | None,
    videos: Path | None,
    real: Path | None,
    source: str | None,
) -> int:
    """Write the report of the run folder RUN, or its tables and figures."""
    from lvbench.results.run import load_run

    loaded = load_run(run)
    if to == "html":
        _write_html(loaded, out, videos, real)
    elif to == "figures":
        _write_figures(loaded, out or loaded.folder / "figures")
    elif to == "hf-eval-results":
        from lvbench.report.model_card import model_index

        _print(model_index(loaded, source), out)
    else:
        _write_table(loaded, to, out, real)
    return 0


def _write_html(run: Run, out: Path | None, videos: Path | None, real: Path | None) -> None:
    from lvbench.report.page.report import write_report

    echo(write_report(run.folder, videos=videos, real=real, out=out))


def _write_figures(run: Run, folder: Path) -> None:
    from lvbench.report.figures.cost import against_cost
    from lvbench.report.figures.over_time import over_time
    from lvbench.report.figures.paper import write_cost_figures, write_figures

    cost = against_cost(run)
    written = write_figures(over_time(run), run.record, folder)
    for path in written + (write_cost_figures(cost, run.record, folder) if cost else []):
        echo(path)


def _write_table(run: Run, to: str, out: Path | None, real: Path | None) -> None:
    from lvbench.report.page.by_length import length_table
    from lvbench.report.page.report import real_run
    from lvbench.report.tables.latex import latex
    from lvbench.report.tables.markdown import markdown
    from lvbench.report.tables.table import score_table, table_json

    table = score_table(run, None if real is None else real_run(run, real))
    text = {"md": markdown, "json": table_json, "latex": latex}[to](table)
    if to == "md" and (lengths := length_table(run)) is not None:
        text += f"\n**By length**\n\n{markdown(lengths)}"
    _print(text, out)


def _print(text: str, out: Path | None) -> None:
    from lvbench.results.files import write_atomic

    if out is None:
        echo(text, nl=False)
    else:
        write_atomic(out, text)
        echo(out)
