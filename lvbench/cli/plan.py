"""`lvbench plan`: estimate frames, time, memory and downloads before a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from lvbench.cli.echo import cell, echo, print_table
from lvbench.cli.options import limit_option, protocol_option, weights_option, workers_option


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@protocol_option
@weights_option
@workers_option
@limit_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def plan(**options: Any) -> int:
    """Estimate frames, passes, time, memory and downloads of an evaluation of PATH."""
    return print_plan(**options)


def print_plan(
    path: Path,
    protocol: str,
    workers: int | None,
    limit: int | None,
    weights: Path | None,
    as_json: bool,
) -> int:
    """Print the plan of an evaluation; return the exit code."""
    from dataclasses import asdict

    from lvbench.engine.plan import plan as make_plan
    from lvbench.engine.video_pass.tools import Setting
    from lvbench.results.files import canonical_json

    setting = Setting(weights=None if weights is None else str(weights.absolute()))
    found = make_plan(path, protocol=protocol, workers=workers, limit=limit, setting=setting)
    if as_json:
        echo(canonical_json(asdict(found), indent=1))
        return 0
    from rich.table import Table

    table = Table("", "", show_header=False, box=None, pad_edge=False)
    table.add_row("protocol", cell(found.protocol))
    table.add_row("videos", f"{found.videos}, {found.video_seconds:.0f} s in total")
    for shown, code in found.unreadable:
        table.add_row("unreadable", cell(f"{shown} ({code})"))
    for line in found.left_out:
        title, _, what = line.partition(": ")
        table.add_row(title, cell(what))
    table.add_row("frames", f"{found.frames}, each decoded once, its luma twice")
    for name, metrics in found.extractors.items():
        table.add_row(f"pass of {name}", f"read by {', '.join(metrics)}")
    if found.seconds is not None and found.worker_bytes is not None:
        memory = f"{found.worker_bytes * found.workers / 1e9:.1f} GB"
        table.add_row("time", f"about {found.seconds:.0f} s with {found.workers} workers")
        table.add_row("memory", f"about {memory} in the workers, for videos of any length")
    table.add_row("downloads", cell("; ".join(found.downloads) or "none"))
    print_table(table)
    return 0
