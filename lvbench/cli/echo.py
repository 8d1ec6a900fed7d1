"""Print to the terminal: what comes from outside is shown and not obeyed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lvbench.printing import visible

if TYPE_CHECKING:
    from rich.text import Text


def echo(text: object = "", *, err: bool = False, nl: bool = True) -> None:
    """Print text without colours of its own; see `visible`."""
    click.echo(visible(str(text)), err=err, nl=nl)


def cell(text: object) -> Text:
    """Return text for rich, which takes no part of it for markup; see `visible`."""
    from rich.text import Text

    return Text(visible(str(text)))
