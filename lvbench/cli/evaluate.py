"""`lvbench evaluate`: score videos by a protocol."""

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
    help="Generate the clips first: 'command:PROGRAM {prompt} ... {out}' or a registered name.",
)
@click.option(
    "--no-files",
    is_flag=True,
    help="Score each clip while the generator makes the next; delete it afterwards.",
)
@protocol_option
@click.option("--out", type=click.Path(path_type=Path), help="Run folder to write or resume.")
@click.option(
    "--real",
    type=click.Path(path_type=Path),
    metavar="DIR|STATS",
    help="Real set for FVD and related metrics: videos, or a file of 'lvbench stats build'.",
)
@weights_option
@device_option
@workers_option
@limit_option
@click.option(
    "--shard", metavar="I/K", help="Score shard I of K only; combine with 'lvbench merge'."
)
@click.option("--title", help="Title of the run in tables and reports.")
@click.option("--dry-run", is_flag=True, help="Print the plan and stop.")
@click.option("--json", "as_json", is_flag=True, help="Print run.json on standard output.")
def evaluate(
    path: Path | None,
    generator: str | None,
    no_files: bool,
    out: Path | None,
    shard: str | None,
    dry_run: bool,
    as_json: bool,
    **given: Any,
) -> int:
    """Score the videos at PATH (a folder, a manifest or one file) by a protocol.

    With --generator the default protocol is lvb-smoke. With --no-files each clip is scored and
    deleted while the next is generated; the numbers are the same.

    Exit code 0: done; 4: done, but some videos failed. Run the same command again to resume.
    """
    if (path is None) == (generator is None):
        raise click.UsageError("give either PATH or --generator")
    if no_files and generator is None:
        raise click.UsageError("--no-files needs --generator: the files at PATH are never deleted")
    named = click.get_current_context().get_parameter_source("protocol")
    if generator is not None and named is ParameterSource.DEFAULT:
        given["protocol"] = PROTOCOL_WITH_PROMPTS
    if dry_run:
        if path is None:
            raise click.UsageError("--dry-run needs PATH: a plan generates no clips")
        from lvbench.cli.plan import print_plan

        needed = ("protocol", "workers", "limit", "weights")
        return print_plan(path, as_json=as_json, **{name: given[name] for name in needed})
    if out is None:
        raise click.UsageError("give --out, the run folder to write")
    from lvbench.cli.outcome import print_outcome
    from lvbench.engine.workers.progress import for_terminal
    from lvbench.results.shard import parse_shard

    given |= {"out": out, "progress": for_terminal()}
    given["shard"] = None if shard is None else parse_shard(shard)
    if generator is not None and no_files:
        from lvbench.engine.streaming import evaluate_as_made

        return print_outcome(evaluate_as_made(generator, **given), out / "videos", as_json)
    from lvbench.engine.evaluate import evaluate as evaluate_videos

    if generator is not None:
        path, made = _made(
            generator, given["protocol"], out / "videos", given["limit"], given["shard"]
        )
        given |= {**made, "title": given["title"] or made["title"]}
    assert path is not None
    return print_outcome(evaluate_videos(path, **given), path, as_json)


def _made(
    generator: str, protocol: str, folder: Path, limit: int | None, shard: Shard | None
) -> tuple[Path, dict[str, Any]]:
    """Generate the clips; return their manifest and the facts for the run record."""
    from lvbench.generators.contract.requests import requests
    from lvbench.generators.production.produce import produce
    from lvbench.generators.registry import build
    from lvbench.protocol.load import load_protocol, protocol_path

    chosen = load_protocol(protocol)
    where = protocol_path(protocol).parent
    manifest = produce(generator, chosen, folder, limit=limit, beside=where, shard=shard)
    every = [r.id for r in requests(chosen.prompts, where)] if chosen.prompts else []
    facts = {"title": build(generator).info.name, "asked_for": len(every) or None}
    return manifest, facts | {"plan": every[:limit] or None}
