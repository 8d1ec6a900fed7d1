"""`lvbench generate`: generate the clips of a protocol."""

from __future__ import annotations

from pathlib import Path

import click

from lvbench.cli.echo import echo
from lvbench.cli.options import limit_option
from lvbench.protocol import PROTOCOL_WITH_PROMPTS


@click.command()
@click.argument("generator")
@click.option(
    "--protocol",
    default=PROTOCOL_WITH_PROMPTS,
    show_default=True,
    metavar="NAME",
    help="Protocol with prompts: NAME, NAME@VERSION or a .yaml file.",
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for the clips.")
@limit_option
def generate(generator: str, protocol: str, out: Path, limit: int | None) -> int:
    """Generate the clips that a protocol requests, and write their manifest.

    GENERATOR is a name from 'lvbench list generators', or 'command:PROGRAM {prompt} ... {out}'.
    Exit code 4: at least one clip could not be generated.
    """
    from lvbench.generators.production.produce import produce
    from lvbench.protocol.load import load_protocol, protocol_path
    from lvbench.video.manifest.manifest import read_manifest

    where = protocol_path(protocol).parent
    manifest = produce(generator, load_protocol(protocol), out, limit=limit, beside=where)
    entries = read_manifest(manifest)
    missing = [entry.id for entry in entries if not entry.path.exists()]
    echo(f"{len(entries) - len(missing)} of {len(entries)} clips in {manifest.parent}")
    echo(f"score them: lvbench evaluate {manifest.parent} --protocol {protocol} --out RUN")
    return 4 if missing else 0
