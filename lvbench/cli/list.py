"""`lvbench list`: list metrics, protocols, extractors or generators."""

from __future__ import annotations

from collections.abc import Callable

import click

from lvbench.cli.echo import cell, echo, print_table
from lvbench.errors import LvbenchError

KINDS = ("metrics", "protocols", "extractors", "generators")


@click.command("list")
@click.argument("kind", type=click.Choice(KINDS))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def list_command(kind: str, as_json: bool) -> None:
    """List metrics, protocols, extractors or generators, one per line."""
    rows = {
        "metrics": _metrics,
        "protocols": _protocols,
        "extractors": _extractors,
        "generators": _generators,
    }[kind]()
    if as_json:
        from lvbench.results.files import canonical_json

        echo(canonical_json(rows, indent=1))
        return
    from rich.table import Table

    columns = list(dict.fromkeys(key for row in rows for key in row))
    table = Table(*columns, box=None, pad_edge=False)
    # A name stays on one line, so that it can be copied.
    table.columns[0].no_wrap = True
    for row in rows:
        table.add_row(*(cell(row.get(column, "")) for column in columns))
    print_table(table)


def _metrics() -> list[dict[str, str]]:
    from lvbench.metrics.registry import METRICS

    direction = {True: "higher", False: "lower", None: "neither"}

    def row(name: str) -> dict[str, str]:
        info = METRICS.get(name).info
        return {
            "name": name,
            "what": info.headline.title,
            "unit": info.headline.unit,
            "better": direction[info.headline.higher_is_better],
            "needs": ", ".join(info.needs),
        }

    return [_row_or_error(name, row) for name in METRICS]


def _protocols() -> list[dict[str, str]]:
    from lvbench.protocol.load import list_protocols, load_protocol, protocol_prose

    return [
        {
            "name": name,
            "version": f"{version}{'-draft' if load_protocol(f'{name}@{version}').draft else ''}",
            "what": protocol_prose(name).get("title", ""),
        }
        for name, versions in list_protocols().items()
        for version in versions
    ]


def _extractors() -> list[dict[str, str]]:
    from lvbench.features.registry import EXTRACTORS, build

    def row(name: str) -> dict[str, str]:
        spec = build(name).spec
        return {
            "name": name,
            "what": (EXTRACTORS.get(name).__doc__ or "").split("\n")[0],
            "version": str(spec.version),
            "sampling": spec.sampling,
            "preprocessing": spec.preprocessing,
            "weights": "none" if spec.weights_sha256 is None else spec.weights_sha256[:12],
        }

    return [_row_or_error(name, row) for name in EXTRACTORS]


def _generators() -> list[dict[str, str]]:
    from lvbench.generators.registry import GENERATORS

    def row(name: str) -> dict[str, str]:
        return {"name": name, "what": (GENERATORS.get(name).__doc__ or "").split("\n")[0]}

    return [_row_or_error(name, row) for name in GENERATORS]


def _row_or_error(name: str, row: Callable[[str], dict[str, str]]) -> dict[str, str]:
    """Return a row; the row of a plugin that cannot be imported states the error."""
    try:
        return row(name)
    except LvbenchError as error:
        return {"name": name, "what": f"cannot be used: {error.found} ({error.where})"}
