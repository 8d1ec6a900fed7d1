"""`lvbench evaluate`: judge videos by a protocol."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from lvbench.results.shard import Shard


@click.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option(
    "--generator",
    metavar="NAME",
    help="Make the clips first: 'command:PROGRAM {prompt} ... {out}' or a registered name.",
)
@click.option(
    "--no-files",
    is_flag=True,
    help="Judge a generator's clips as they are made, and keep no video.",
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
@click.option("--shard", metavar="I/K", help="Judge every K-th video alone; then 'lvbench merge'.")
@click.option("--title", help="Name of what is judged, for tables and reports.")
@click.option("--dry-run", is_flag=True, help="Print the plan and stop.")
@click.option("--json", "as_json", is_flag=True, help="Print run.json on standard output.")
def evaluate(
    path: Path | None,
    generator: str | None,
    no_files: bool,
    protocol: str,
    out: Path | None,
    real: Path | None,
    weights: Path | None,
    device: str,
    workers: int | None,
    limit: int | None,
    shard: str | None,
    title: str | None,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Judge the videos at PATH (a folder, a manifest or one file) by a protocol.

    A generator is asked for the prompts of lvb-smoke where no protocol is named. With --no-files
    each clip is judged while the next is made, and then deleted; the numbers are the same.
    Exit code 0: done; 4: done, but some videos failed. Run the same command again to resume.
    """
    if (path is None) == (generator is None):
        raise click.UsageError("give either PATH or --generator")
    if no_files and generator is None:
        raise click.UsageError("--no-files needs --generator: what is at PATH stays there")
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
    from lvbench.cli.outcome import print_outcome
    from lvbench.engine.workers.progress import for_terminal
    from lvbench.results.shard import parse_shard

    given: dict[str, Any] = {
        "out": out,
        "protocol": protocol,
        "workers": workers,
        "limit": limit,
        "title": title,
        "real": real,
        "weights": weights,
        "device": device,
        "progress": for_terminal(),
        "shard": None if shard is None else parse_shard(shard),
    }
    if generator is not None and no_files:
        from lvbench.engine.streaming import evaluate_streaming

        return print_outcome(evaluate_streaming(generator, **given), out / "videos", as_json)
    from lvbench.engine.evaluate import evaluate as judge

    if generator is not None:
        path, made = _made(generator, protocol, out / "videos", limit, given["shard"])
        given |= {**made, "title": title or made["title"]}
    assert path is not None
    return print_outcome(judge(path, **given), path, as_json)


def _made(
    generator: str, protocol: str, folder: Path, limit: int | None, shard: Shard | None
) -> tuple[Path, dict[str, Any]]:
    """Have the clips made; return their manifest, and what to say of them."""
    from lvbench.generators.contract.requests import requests
    from lvbench.generators.production.produce import produce
    from lvbench.generators.registry import build
    from lvbench.protocol.load import load_protocol, protocol_path

    chosen = load_protocol(protocol)
    beside = protocol_path(protocol).parent
    manifest = produce(generator, chosen, folder, limit=limit, beside=beside, shard=shard)
    every = [r.id for r in requests(chosen.prompts, beside)] if chosen.prompts else []
    told = {"title": build(generator).info.name, "expected": len(every) or None}
    return manifest, told | {"plan": every[:limit] or None}
