"""Write a table for the terminal, 100 columns wide at most."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

from lvbench.printing import visible
from lvbench.report.tables.table import ARROWS, Table

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

WIDTH = 100


def terminal(table: Table, *, next_step: str = "", colour: bool | None = None) -> str:
    """Return the table as text for a terminal.

    Args:
        table: The table.
        next_step: Last line, the next command or file to open.
        colour: Whether to use terminal colours; None uses them if stdout is a terminal.
    """
    from rich.console import Console

    stream = io.StringIO()
    coloured = sys.stdout.isatty() if colour is None else colour
    console = Console(
        file=stream, width=WIDTH, force_terminal=coloured, no_color=not coloured, highlight=False
    )
    console.print(_rich(table))
    for note in [*table.remarks(), *table.notes]:
        console.print(f"  {visible(note)}", style="dim", markup=False)
    if table.signature:
        # Not wrapped, so that it can be copied.
        console.print(visible(table.signature), style="dim", markup=False, soft_wrap=True)
    if next_step:
        console.print(visible(next_step), markup=False, soft_wrap=True)
    lines = stream.getvalue().removesuffix("\n").split("\n")
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _rich(table: Table) -> RenderableType:
    from rich import box
    from rich.table import Table as RichTable
    from rich.text import Text

    rich = RichTable(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        title=Text(visible(table.title), "bold"),
    )
    rich.title_justify = "left"
    rich.add_column(Text(visible(table.corner)), overflow="fold", min_width=12)
    for column in table.columns:
        unit = f" ({column.unit})" if column.unit else ""
        heading = Text(visible(f"{column.title}{unit} {ARROWS[column.higher_is_better]}".rstrip()))
        rich.add_column(
            heading, justify="right" if column.numeric else "left", no_wrap=column.numeric
        )
    for group, rows in table.grouped():
        if group:
            rich.add_row(Text(visible(group), "bold"))
        for row in rows:
            if row.rule:
                rich.add_section()
            title = f"{'  ' * row.level}{row.label} {ARROWS[row.higher_is_better]}".rstrip()
            rich.add_row(Text(visible(title)), *(_text(c.display, c.gate) for c in row.cells))
        rich.add_section()
    return rich


def _text(display: str, gate: str) -> Text:
    from rich.text import Text

    # Without colours nothing is struck through: words replace it.
    display = visible(display)
    return Text.assemble((display, "strike"), " not ranked") if gate else Text(display)
