"""`lvbench data`: look at sets of videos before they are trained on or compared with."""

from __future__ import annotations

from pathlib import Path

import click

from lvbench.cli.echo import echo
from lvbench.cli.options import device_option, weights_option, workers_option


@click.group()
def data() -> None:
    """Look at sets of videos before they are trained on or compared with."""


@data.command()
@click.argument("path", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to write.")
@click.option(
    "--min-seconds", type=float, default=1.0, show_default=True, help="Drop shorter files."
)
@click.option(
    "--min-side",
    type=int,
    default=240,
    show_default=True,
    help="Drop files whose shorter side has fewer pixels.",
)
@weights_option
@device_option
@workers_option
def audit(
    path: Path,
    out: Path,
    min_seconds: float,
    min_side: int,
    weights: Path | None,
    device: str,
    workers: int | None,
) -> None:
    """Say what the videos in DIR are made of, and which should be dropped.

    Writes audit.html, audit.json, audit.parquet and drop.txt (path, tab, reasons). What is done
    is kept: run the same command again to resume.
    """
    from lvbench.audit.audit import audit as audit_videos
    from lvbench.audit.page import DROP, write_audit
    from lvbench.audit.rules import Rules
    from lvbench.engine.left_out import lines
    from lvbench.engine.workers.progress import for_terminal

    found = audit_videos(
        path,
        out=out,
        rules=Rules(shortest=min_seconds, smallest=min_side),
        workers=workers,
        weights=weights,
        device=device,
        progress=for_terminal(),
    )
    page = write_audit(found)
    for line in lines(found.left_out):
        echo(line, err=True)
    if found.missing:
        echo(f"left out: {found.missing}", err=True)
    echo(f"{len(found.rows)} files, {len(found.dropped)} to drop: {out / DROP}")
    echo(page)
