"""`lvbench cite`: print the citations for a protocol or a run."""

from __future__ import annotations

from pathlib import Path

import click

from lvbench.cli.echo import echo


@click.command()
@click.argument("subject", metavar="PROTOCOL|RUN")
@click.option(
    "--format",
    "to",
    type=click.Choice(["bibtex", "text"]),
    default="bibtex",
    show_default=True,
    help="Format of the output.",
)
def cite(subject: str, to: str) -> None:
    """Print the citations for the numbers of a protocol or a run folder.

    They are the protocol, with its checksum or the run's signature; lvbench; and the publications
    of every metric and network.
    """
    from lvbench.protocol.load import list_protocols
    from lvbench.report.cite.citation import cite_protocol, cite_run
    from lvbench.results.run import load_run

    path = Path(subject)
    folder = path.is_dir() and subject not in list_protocols()
    if folder or path.name == "run.json" or (path / "run.json").is_file():
        found = cite_run(load_run(path))
    else:
        found = cite_protocol(subject)
    echo(found.bibtex() if to == "bibtex" else found.text(), nl=False)
