"""`lvbench leaderboard`: submit runs, check submissions and build the boards."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lvbench.cli.echo import echo

if TYPE_CHECKING:
    from lvbench.leaderboard.check import Checked

root_option = click.option(
    "--root",
    type=click.Path(path_type=Path),
    default=Path("leaderboards"),
    show_default=True,
    help="Folder with <protocol>/<org>__<model>/<revision>.json.",
)


@click.group()
def leaderboard() -> None:
    """Submit runs, check submissions and build the boards."""


@leaderboard.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--organisation", required=True, metavar="O", help="Organisation that made the model."
)
@click.option("--model", required=True, metavar="M", help="Name of the model.")
@click.option("--revision", required=True, metavar="R", help="Version of the model.")
@click.option("--url", metavar="U", help="Page that describes the model.")
@click.option(
    "--open-weights/--closed-weights", default=None, help="Whether the weights are public."
)
@click.option(
    "--baseline",
    type=click.Choice(["lower", "upper", "real"]),
    help="Show without a rank: lower bound (a still, noise), upper bound (ground truth) or real "
    "video.",
)
@click.option("--reproduce", metavar="COMMAND", help="Command that reproduces the run.")
@root_option
@click.option("--allow-draft", is_flag=True, help="Accept a run of a draft protocol, and mark it.")
def submit(run: Path, root: Path, **facts: Any) -> int:
    """Write the row and the items of the run folder RUN under leaderboards/.

    Exit code 3, and nothing is written: the run is partial or of a draft, the row exists already,
    or 'check' refuses it.
    """
    from lvbench.leaderboard.schema import items_file
    from lvbench.leaderboard.submit import submit as submit_run

    row = submit_run(run, root, **facts)
    echo(row)
    echo(items_file(row))
    echo("commit both files and open a pull request")
    return 0


@leaderboard.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@root_option
@click.option("--base", metavar="GITREF", help="Reject edits to rows that exist at this Git ref.")
@click.option(
    "--owner", metavar="ORG", help="Submitting organisation; every changed row must be its own."
)
def check(paths: tuple[Path, ...], root: Path, base: str | None, owner: str | None) -> int:
    """Check rows and their items: all, those at PATHS, or those changed since --base.

    Needs no torch and no weights. Exit code 3: at least one finding; every finding is listed.
    """
    from lvbench.leaderboard.check import check as check_rows

    return _print(check_rows(root, paths, base=base, owner=owner))


def _print(checked: Checked) -> int:
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
    help="Also show this run folder, under this name (repeatable).",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder of the boards; by default 'boards' in --root, which git ignores.",
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
