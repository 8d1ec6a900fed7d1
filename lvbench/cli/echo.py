"""Print to the terminal; control characters in text from outside are shown, not executed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lvbench.printing import visible

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

_NARROWEST, _UNBOUNDED = 100, 10_000


def echo(text: object = "", *, err: bool = False, nl: bool = True) -> None:
    """Print text without escape sequences; see `visible`."""
    click.echo(visible(str(text)), err=err, nl=nl)


def cell(text: object) -> Text:
    """Return text for rich, without markup; see `visible`."""
    from rich.text import Text

    return Text(visible(str(text)))


def print_table(table: Table) -> None:
    """Print a table and cut no cell: in a pipe a row is one line, in a terminal long cells wrap."""
    from rich.console import Console

    console = Console(highlight=False)
    console.width = max(console.width, _NARROWEST) if console.is_terminal else _UNBOUNDED
    for column in table.columns:
        column.overflow = "fold"
    with console.capture() as printed:
        console.print(table)
    click.echo("\n".join(line.rstrip() for line in printed.get().splitlines()))
