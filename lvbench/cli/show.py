"""`lvbench show`: print a resolved protocol, an extractor, a generator or a metric."""

from __future__ import annotations

import difflib
import inspect

import click

from lvbench.cli.echo import echo
from lvbench.errors import RegistryError


@click.command()
@click.argument("name", required=False)
@click.option("--schema", is_flag=True, help="Print the JSON Schema of protocol files.")
def show(name: str | None, schema: bool) -> None:
    """Print the protocol, extractor, generator or metric NAME.

    A protocol is printed resolved: its lock has everything that can change a number.
    """
    if (name is None) != schema:
        raise click.UsageError("give either NAME or --schema")
    if name is None:
        from lvbench.protocol.json_schema import schema_text

        echo(schema_text(), nl=False)
    else:
        _show(name)


def _show(name: str) -> None:
    from lvbench.features.registry import EXTRACTORS
    from lvbench.generators.registry import GENERATORS
    from lvbench.metrics.registry import METRICS
    from lvbench.protocol.load import list_protocols

    if name in EXTRACTORS:
        _show_extractor(name)
    elif name.partition(":")[0] in GENERATORS:
        _show_generator(name)
    elif name in METRICS:
        from lvbench.cli.explain import card

        echo(card(name))
    elif name.endswith((".yaml", ".yml")) or name.partition("@")[0] in list_protocols():
        _show_protocol(name)
    else:
        known = [*EXTRACTORS, *GENERATORS, *METRICS, *list_protocols()]
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.0)
        raise RegistryError(
            f"show '{name}'",
            found=f"no such name; nearest: {', '.join(near)}",
            where="protocols, metrics, extractors and generators",
            fix="list names with 'lvbench list protocols', 'lvbench list metrics' and so on",
        )


def _show_extractor(name: str) -> None:
    import yaml

    from lvbench.features.registry import EXTRACTORS, build

    echo(inspect.cleandoc(EXTRACTORS.get(name).__doc__ or ""))
    echo()
    echo(yaml.safe_dump(build(name).spec.identity(), sort_keys=False), nl=False)


def _show_generator(name: str) -> None:
    """Print the description of a generator; with its argument, also its info."""
    import yaml

    from lvbench.generators.registry import GENERATORS, build

    kind, colon, _ = name.partition(":")
    echo(inspect.cleandoc(GENERATORS.get(kind).__doc__ or ""))
    if colon:
        info = build(name).info
        facts = {key: getattr(info, key) for key in info.__slots__}
        plain = {k: list(v) if isinstance(v, tuple) else v for k, v in facts.items()}
        echo()
        echo(yaml.safe_dump(plain, sort_keys=False), nl=False)


def _show_protocol(name: str) -> None:
    from lvbench.engine.video_pass.tools import build_tools
    from lvbench.protocol.load import load_protocol, protocol_prose
    from lvbench.protocol.lock import lock_text

    protocol = load_protocol(name)
    prose = protocol_prose(protocol.name)
    state = " (draft: its numbers may still change)" if protocol.draft else ""
    echo(f"# {protocol.name} v{protocol.version}{state}: {prose.get('title', '')}")
    echo(f"# {prose.get('description', '')}\n")
    echo(lock_text(build_tools(protocol).identity), nl=False)
