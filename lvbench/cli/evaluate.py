"""`lvbench evaluate`: judge videos by a protocol."""

from __future__ import annotations

from pathlib import Path

import click
from click.core import ParameterSource

from lvbench.cli.options import (
    device_option,
    limit_option,
    protocol_option,
    weights_option,
    workers_option,
)
from lvbench.protocol import PROTOCOL_WITH_PROMPTS


@click.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option(
    "--generator",
    metavar="NAME",
    help="Make the clips first: 'command:PROGRAM {prompt} ... {out}' or a registered name.",
)
@protocol_option
@click.option("--out", type=click.Path(path_type=Path), help="Run folder to write or resume.")
@click.option(
    "--real",
    type=click.Path(path_type=Path),
    metavar="DIR|STATS",
    help="Real videos, or a file by 'lvbench stats build', for FVD and its kin.",
)
@weights_option
@device_option
@workers_option
@limit_option
@click.option("--title", help="Name of what is judged, for tables and reports.")
@click.option("--dry-run", is_flag=True, help="Print the plan and stop.")
@click.option("--json", "as_json", is_flag=True, help="Print run.json on standard output.")
def evaluate(
    path: Path | None,
    generator: str | None,
    protocol: str,
    out: Path | None,
    real: Path | None,
    weights: Path | None,
    device: str,
    workers: int | None,
    limit: int | None,
    title: str | None,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Judge the videos at PATH (a folder, a manifest or one file) by a protocol.

    A generator is asked for the prompts of lvb-smoke where no protocol is named.
    Exit code 0: done; 4: done, but some videos failed. Run the same command again to resume.
    """
    if (path is None) == (generator is None):
        raise click.UsageError("give either PATH or --generator")
    named = click.get_current_context().get_parameter_source("protocol")
    if generator is not None and named is ParameterSource.DEFAULT:
        protocol = PROTOCOL_WITH_PROMPTS
    if dry_run:
        if path is None:
            raise click.UsageError("--dry-run needs PATH: no clips are made for a plan")
        from lvbench.cli.plan import print_plan

        return print_plan(path, protocol, workers, limit, weights, as_json)
    if out is None:
        raise click.UsageError("give --out, the run folder to write")
    from lvbench.engine.evaluate import evaluate as judge
    from lvbench.engine.progress import for_terminal

    asked_for = None
    if path is None:
        assert generator is not None
        from lvbench.generators.produce import produce
        from lvbench.generators.registry import build
        from lvbench.generators.requests import requests
        from lvbench.protocol.load import load_protocol, protocol_path

        chosen = load_protocol(protocol)
        beside = protocol_path(protocol).parent
        path = produce(generator, chosen, out / "videos", limit=limit, beside=beside)
        title = title or build(generator).info.name
        asked_for = len(requests(chosen.prompts, beside)) if chosen.prompts else None
    run = judge(
        path,
        out=out,
        protocol=protocol,
        workers=workers,
        limit=limit,
        asked_for=asked_for,
        title=title,
        real=real,
        weights=weights,
        device=device,
        progress=for_terminal(),
    )
    from lvbench.cli.outcome import print_outcome

    return print_outcome(run, path, as_json)
