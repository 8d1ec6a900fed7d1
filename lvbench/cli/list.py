"""`lvbench list`: what there is, by kind."""

from __future__ import annotations

import click

KINDS = ("metrics", "protocols", "extractors", "generators")


@click.command("list")
@click.argument("kind", type=click.Choice(KINDS))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def list_command(kind: str, as_json: bool) -> None:
    """List metrics, protocols, extractors or generators, a line each."""
    rows = {
        "metrics": _metrics,
        "protocols": _protocols,
        "extractors": _extractors,
        "generators": _generators,
    }[kind]()
    if as_json:
        from lvbench.results.files import canonical_json

        click.echo(canonical_json(rows, indent=1))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(*rows[0], box=None, pad_edge=False)
    for row in rows:
        table.add_row(*row.values())
    Console(width=100, highlight=False).print(table)


def _metrics() -> list[dict[str, str]]:
    from lvbench.metrics.registry import METRICS

    infos = [METRICS.get(name).info for name in METRICS]
    direction = {True: "higher", False: "lower", None: "neither"}
    return [
        {
            "name": info.name,
            "what": info.headline.title,
            "unit": info.headline.unit,
            "better": direction[info.headline.higher_is_better],
            "needs": ", ".join(info.needs),
        }
        for info in infos
    ]


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

    specs = [build(name).spec for name in EXTRACTORS]
    return [
        {
            "name": spec.name,
            "version": str(spec.version),
            "sampling": spec.sampling,
            "preprocessing": spec.preprocessing,
            "weights": "none" if spec.weights_sha256 is None else spec.weights_sha256[:12],
        }
        for spec in specs
    ]


def _generators() -> list[dict[str, str]]:
    from lvbench.generators.registry import GENERATORS

    return [
        {"name": name, "what": (GENERATORS.get(name).__doc__ or "").split("\n")[0]}
        for name in GENERATORS
    ]
