"""`lvbench validate-metrics`: plant faults in clips, and show which metrics react to what."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lvbench.cli.echo import cell, echo, print_table
from lvbench.cli.options import device_option, weights_option

if TYPE_CHECKING:
    from lvbench.validity.court import Progress
    from lvbench.validity.validation import Result

REACTION_LOST = 1
_EVERY_SECONDS = 10.0


@click.command("validate-metrics")
@click.option(
    "--metrics",
    multiple=True,
    metavar="NAMES",
    help="Metrics, separated by commas; plugins too.  [default: all that score a single clip]",
)
@click.option(
    "--source",
    "sources",
    multiple=True,
    metavar="world|DIR|FILE",
    help="Clips in which faults are planted: a folder, a file, or 'world' for rendered clips. "
    "May be repeated.  [default: the folder LVBENCH_ASSETS, if set, and the world]",
)
@click.option(
    "--faults",
    multiple=True,
    metavar="NAMES",
    help="Faults, separated by commas, or 'all', or 'none'.  [default: those that the cards "
    "declare; without --metrics with the standard set]",
)
@click.option(
    "--cheats",
    multiple=True,
    metavar="NAMES",
    help="Cheats, separated by commas, or 'all', or 'none'.  [default: all without --metrics]",
)
@click.option(
    "--presentations",
    multiple=True,
    metavar="NAMES",
    help="Presentations, separated by commas, or 'all', or 'none'.  [default: all]",
)
@click.option(
    "--doses",
    type=click.IntRange(1),
    default=3,
    show_default=True,
    metavar="N",
    help="Doses of each fault to which a metric declares a reaction.",
)
@click.option(
    "--workers", type=click.IntRange(1), default=2, show_default=True, help="Worker processes."
)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Output folder.")
@click.option(
    "--limit",
    type=click.IntRange(0),
    metavar="N",
    help="Score N clips at most, one source after the other; 0 writes the results so far.",
)
@click.option(
    "--page",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the tables into this Markdown file, between their markers, and the heat map into "
    "the folder of its name.",
)
@click.option("--accept", is_flag=True, help="Make the results those that ship with lvbench.")
@weights_option
@device_option
def validate_metrics(
    metrics: tuple[str, ...],
    sources: tuple[str, ...],
    faults: tuple[str, ...],
    cheats: tuple[str, ...],
    presentations: tuple[str, ...],
    doses: int,
    workers: int,
    out: Path,
    limit: int | None,
    page: Path | None,
    accept: bool,
    weights: Path | None,
    device: str,
) -> int:
    """Plant faults in clips, score them, and compare with what the metrics' cards declare.

    Each source is written untouched, with each fault at several doses, as each cheat (a still
    picture, a loop) and in each presentation that must change nothing (another codec or rate).
    Each clip is scored once by all metrics; at other doses than the middle one, by those that
    declare a reaction to the fault.

    The card of a metric (NAME.md next to its module) declares to which faults it reacts, with the
    sign (rises, falls, or grows in absolute value), and which it ignores:

    \b
      ## Declared reactions
      - `blur_ramp`: falls
      - `noise_ramp`: `noise` rises    (a component of the metric)

    \b
      ## Declared to ignore
      - `dark_ramp`

    A declared reaction holds on a source if the score follows the order of the doses (Spearman's
    correlation of at least 0.95, with the declared sign). A score passes if each reaction holds on
    90 % of the sources, and if its reaction to what it ignores is under 0.1 of the reaction to its
    own faults for 90 % of the cases.

    Writes one record per clip and verdicts.json into --out. Run the same command again to resume:
    only metrics whose code, parameters or weights changed are scored again.

    \b
    Validate a metric of your own on your own clips:
      lvbench validate-metrics --metrics my_metric --source my_clips/ --out runs/my_metric

    Exit code 1: a declared reaction does not hold, or a metric failed.
    """  # noqa: D301
    from lvbench.engine.video_pass.tools import Setting
    from lvbench.validity.validation import Result, Wanted, prepare

    setting = Setting(weights=str(weights.absolute()) if weights else None, device=device)
    wanted = Wanted(
        _names(metrics) or (), sources, _names(faults), _names(cheats),
        _names(presentations), doses,
    )  # fmt: skip
    court = prepare(wanted, out, setting)
    progress = court.run(setting=setting, workers=workers, limit=limit, report=_Shown())
    if progress.failed:
        echo(f"{progress.failed} clips with a failed metric, see the records in {out}", err=True)
    result = Result.of(court, setting)
    written = result.write(out)
    if page is not None:
        result.write_page(page)
    if accept:
        result.accept()
    _print(result)
    echo(page or written)
    return REACTION_LOST if result.lost else 0


def _names(given: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the names of an option that may be repeated; None where it is not given."""
    names = (name.strip() for text in given for name in text.split(","))
    return tuple(filter(None, names)) if given else None


class _Shown:
    """Print how far it is, every ten seconds."""

    def __init__(self) -> None:
        self._next = 0.0

    def __call__(self, progress: Progress) -> None:
        if progress.seconds < self._next and progress.done < progress.total:
            return
        self._next = progress.seconds + _EVERY_SECONDS
        failed = f", {progress.failed} with a failed metric" if progress.failed else ""
        minutes = progress.left / 60
        left = f"{minutes:.0f} min left" if minutes >= 1 else f"{progress.left:.0f} s left"
        echo(f"{progress.done} of {progress.total} clips{failed}, {left}", err=True)


def _print(result: Result) -> None:
    """Print declared reactions, one line each, and the result of each score."""
    from rich.table import Table

    table = Table("score", "fault", "declared", "holds on", "result", box=None, pad_edge=False)
    for score, finding in result.findings.items():
        for reaction in finding.reactions:
            shown = "holds" if reaction.holds else "LOST" if reaction.tried else "not tried"
            table.add_row(*map(cell, (score, reaction.fault, reaction.sign, reaction.share, shown)))
    if table.row_count:
        print_table(table)
    for score, verdict in result.verdicts.verdicts.items():
        why = f": {'; '.join(verdict.reasons)}" if verdict.reasons else ""
        echo(f"{score} {verdict.status}{why}")
