"""`lvbench leaderboard`: submit a run, check submissions, build the boards."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lvbench.cli.echo import echo

if TYPE_CHECKING:
    from lvbench.leaderboard.check import Checked

root_option = click.option(
    "--root",
    type=click.Path(path_type=Path),
    default=Path("leaderboards"),
    show_default=True,
    help="Folder that holds <protocol>/<org>__<model>/<revision>.json.",
)


@click.group()
def leaderboard() -> None:
    """Submit runs to leaderboards/, check what is there, build its boards."""


@leaderboard.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--organisation", required=True, metavar="O", help="Who made the model.")
@click.option("--model", required=True, metavar="M", help="The model's name.")
@click.option("--revision", required=True, metavar="R", help="Which version of it.")
@click.option("--url", metavar="U", help="Where the model is described.")
@click.option("--open-weights/--closed-weights", default=None, help="Whether all may download it.")
@click.option(
    "--baseline",
    type=click.Choice(["lower", "upper"]),
    help="A bound that stands outside the ranks: a still picture, noise; ground truth.",
)
@click.option("--reproduce", metavar="COMMAND", help="What makes and judges the clips again.")
@root_option
@click.option("--allow-draft", is_flag=True, help="Take a run of a draft protocol, and mark it.")
def submit(
    run: Path,
    organisation: str,
    model: str,
    revision: str,
    url: str | None,
    open_weights: bool | None,
    baseline: str | None,
    reproduce: str | None,
    root: Path,
    allow_draft: bool,
) -> int:
    """Write the row of the run folder RUN, with its items beside it, under leaderboards/.

    Exit code 3: the run is partial or of a draft, a row is there already, or 'check' would
    refuse it; nothing is written then.
    """
    from lvbench.leaderboard.schema import items_file
    from lvbench.leaderboard.submit import submit as submit_run

    row = submit_run(
        run,
        root,
        organisation=organisation,
        model=model,
        revision=revision,
        allow_draft=allow_draft,
        url=url,
        open_weights=open_weights,
        baseline=baseline,
        reproduce=reproduce,
    )
    echo(row)
    echo(items_file(row))
    echo("commit both files and open a pull request")
    return 0


@leaderboard.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@root_option
@click.option("--base", metavar="GITREF", help="Rows that stand there are nobody's to edit.")
@click.option("--owner", metavar="ORG", help="Who submits: all that changed must be its own.")
def check(paths: tuple[Path, ...], root: Path, base: str | None, owner: str | None) -> int:
    """Check rows and their items: all of them, those at PATHS, or those changed since --base.

    Needs no torch and no weights. Exit code 3: something is wrong; every finding is listed.
    """
    from lvbench.leaderboard.check import check as check_rows

    checked = check_rows(root, paths, base=base, owner=owner)
    return _told(checked)


def _told(checked: Checked) -> int:
    for file, row in checked.rows.items():
        faults = checked.faults.get(file, [])
        if not faults and row is not None:
            echo(f"{file}: ok, {'verified' if row.verified else 'self-reported'}")
        for note in checked.notes.get(file, []):
            echo(f"{file}: note: {note}")
    count = 0
    for file, faults in sorted(checked.faults.items()):
        for fault in faults:
            echo(f"{file}: {fault.code}: {fault.message}", err=True)
            count += 1
    verified = sum(row is not None and row.verified for row in checked.rows.values())
    rows = len(checked.rows)
    echo(f"{rows} row{'s' if rows != 1 else ''}, {verified} verified, {count} findings")
    return 3 if count else 0


@leaderboard.command()
@root_option
@click.option(
    "--run",
    "runs",
    multiple=True,
    metavar="NAME=DIR",
    help="Show this run folder as well, under this name; may be repeated.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder to write the boards to; 'boards' in --root, which git ignores, if left out.",
)
def build(root: Path, runs: tuple[str, ...], out: Path | None) -> int:
    """Write board.md, .html, .tex, .csv and .json for every protocol that has rows.

    Exit code 3: a row is not valid.
    """
    from lvbench.leaderboard.build import write_boards

    paths = write_boards(root, _named(runs), out)
    if len(paths) == 2:
        echo(f"no rows under {root}: the board is empty")
    for path in paths:
        echo(path)
    return 0


def _named(runs: tuple[str, ...]) -> dict[str, Path]:
    named: dict[str, Path] = {}
    for given in runs:
        name, equals, folder = given.partition("=")
        if not (name and equals and folder):
            raise click.BadParameter(f"'{given}' is not NAME=DIR", param_hint="--run")
        if name in named:
            raise click.BadParameter(f"'{name}' is given twice", param_hint="--run")
        named[name] = Path(folder)
    return named
