"""`lvbench new`: create a metric, a generator or a protocol from a template."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lvbench.cli.echo import echo

if TYPE_CHECKING:
    from lvbench.scaffold.place import Created

_plugin_option = click.option(
    "--plugin",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Write a plugin package into FOLDER instead of into a checkout of lvbench.",
)


@click.group()
def new() -> None:
    """Create a metric, generator or protocol that passes the tests as it is, to be edited.

    The command works in a checkout of lvbench. Nothing is overwritten.
    """


@new.command()
@click.argument("name")
@click.option("--family", default="drift", show_default=True, help="Folder under metrics/.")
@_plugin_option
def metric(name: str, family: str, plugin: Path | None) -> None:
    """Create the metric NAME: code, card and test of a drift of contrast."""
    from lvbench.scaffold.create import new_metric, new_plugin
    from lvbench.scaffold.place import find_checkout

    if plugin:
        _print(new_plugin("metric", name, plugin))
    else:
        _print(new_metric(name, family, find_checkout(Path.cwd())))


@new.command()
@click.argument("name")
@_plugin_option
def generator(name: str, plugin: Path | None) -> None:
    """Create the generator NAME: code and test of a fade from black to white."""
    from lvbench.scaffold.create import new_generator, new_plugin
    from lvbench.scaffold.place import find_checkout

    if plugin:
        _print(new_plugin("generator", name, plugin))
    else:
        _print(new_generator(name, find_checkout(Path.cwd())))


@new.command()
@click.argument("name")
@click.option(
    "--like",
    default="lvb-smoke",
    show_default=True,
    metavar="NAME",
    help="Protocol to copy: NAME or NAME@VERSION.",
)
def protocol(name: str, like: str) -> None:
    """Create the draft protocol NAME, a copy of another under version 1.

    Outside a checkout, the file is written into the current folder.
    """
    from lvbench.errors import UsageError
    from lvbench.scaffold.create import new_protocol, new_protocol_file
    from lvbench.scaffold.place import find_checkout

    try:
        root = find_checkout(Path.cwd())
    except UsageError:
        _print(new_protocol_file(name, like, Path.cwd()))
    else:
        _print(new_protocol(name, like, root))


def _print(created: Created) -> None:
    for path in created.written:
        echo(f"wrote   {path}")
    for path in created.edited:
        echo(f"edited  {path}")
    echo("\nnext:")
    for number, step in enumerate(created.next_steps, 1):
        echo(f"  {number}. {step}")
