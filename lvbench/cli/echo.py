"""Print to the terminal: what comes from outside is shown and not obeyed."""

from __future__ import annotations

import click

from lvbench.printing import visible


def echo(text: object = "", *, err: bool = False, nl: bool = True) -> None:
    """Print text without colours of its own; see `visible`."""
    click.echo(visible(str(text)), err=err, nl=nl)
