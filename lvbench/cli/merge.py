"""`lvbench merge`: unite the parts of a run."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--title", help="Name of what is judged.  [default: that of the parts]")
@click.option(
    "--real",
    type=click.Path(path_type=Path),
    metavar="STATS",
    help="The real set's file of statistics, where the parts do not hold its features.",
)
@click.option("--json", "as_json", is_flag=True, help="Print run.json on standard output.")
def merge(
    out: Path, runs: tuple[Path, ...], title: str | None, real: Path | None, as_json: bool
) -> int:
    """Unite RUNS, parts by 'lvbench evaluate --shard' of one run, into the run folder OUT.

    The result is the run that was never parted, byte for byte but for the environment and timing
    blocks. Parts that are missing make it partial. Exit code 0: done; 3: the runs are not parts
    of one run, or hold different outcomes of one video; 4: done, but some videos failed.
    """
    from lvbench.cli.outcome import print_outcome
    from lvbench.engine.aggregation.merge import merge as merge_runs

    return print_outcome(merge_runs(out, runs, title=title, real=real), out / "videos", as_json)
