"""Options that several verbs share."""

from __future__ import annotations

import click

from lvbench.protocol import DEFAULT_PROTOCOL

protocol_option = click.option(
    "--protocol",
    default=DEFAULT_PROTOCOL,
    show_default=True,
    metavar="NAME",
    help="Protocol: NAME, NAME@VERSION or a .yaml file.",
)
workers_option = click.option(
    "--workers", type=click.IntRange(1), help="Worker processes.  [default: one per core]"
)
limit_option = click.option(
    "--limit", type=click.IntRange(1), metavar="N", help="Only the first N videos; marks the run."
)
