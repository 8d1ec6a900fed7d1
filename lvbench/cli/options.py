"""Options that several verbs share."""

from __future__ import annotations

from pathlib import Path

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
weights_option = click.option(
    "--weights",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="A weights file, or a folder matched by content.  [default: the cache]",
)
device_option = click.option(
    "--device", default="auto", show_default=True, help="Where networks run: cpu, cuda, mps, auto."
)
