"""Options that several commands share."""

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
    "--limit",
    type=click.IntRange(1),
    metavar="N",
    help="Score the first N videos only; the run is marked partial.",
)
weights_option = click.option(
    "--weights",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Weights file, or folder whose files are matched by content.  [default: the cache]",
)
device_option = click.option(
    "--device",
    default="auto",
    show_default=True,
    help="Device of the networks: cpu, cuda, mps or auto.",
)
