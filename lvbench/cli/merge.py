"""`lvbench merge`: merge the shards of a run."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--title", help="Title of the run.  [default: that of the shards]")
@click.option(
    "--real",
    type=click.Path(path_type=Path),
    metavar="STATS",
    help="Statistics file of the real set, if the shards do not contain its features.",
)
@click.option("--json", "as_json", is_flag=True, help="Print run.json on standard output.")
def merge(
    out: Path, runs: tuple[Path, ...], title: str | None, real: Path | None, as_json: bool
) -> int:
    """Merge RUNS, the shards of one run, into the run folder OUT.

    Shards come from 'lvbench evaluate --shard'. The result equals the unsharded run byte for byte,
    except the environment and timing blocks. If a shard is missing, the run is partial.

    Exit code 0: done; 3: the runs are not shards of one run, or have different results for one
    video; 4: done, but some videos failed.
    """
    from lvbench.cli.outcome import print_outcome
    from lvbench.engine.aggregation.merge import merge as merge_runs

    return print_outcome(merge_runs(out, runs, title=title, real=real), out / "videos", as_json)
