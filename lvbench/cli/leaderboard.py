"""`lvbench leaderboard`: build and check the boards."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def leaderboard() -> None:
    """Build the boards of the runs under leaderboards/."""


@leaderboard.command()
@click.option(
    "--root",
    type=click.Path(path_type=Path),
    default=Path("leaderboards"),
    show_default=True,
    help="Folder that holds <protocol>/<org>__<model>/<revision>.json.",
)
@click.option(
    "--run",
    "runs",
    multiple=True,
    metavar="NAME=DIR",
    help="Show this run folder as well, under this name; may be repeated.",
)
@click.option("--check", is_flag=True, help="Write nothing; fail where a board is out of date.")
def build(root: Path, runs: tuple[str, ...], check: bool) -> int:
    """Write board.md and board.html for every protocol that has rows.

    Exit code 3: a row is not valid or, with --check, a board is not what its rows give.
    """
    from lvbench.leaderboard.build import build as build_boards
    from lvbench.leaderboard.build import check_boards, write_boards

    files = build_boards(root, _named(runs))
    if check:
        check_boards(files)
        click.echo(f"{len(files)} boards are up to date")
        return 0
    write_boards(files)
    if len(files) == 2:
        click.echo(f"no rows under {root}: the board is empty")
    for path in files:
        click.echo(path)
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
