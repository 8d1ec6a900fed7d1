"""`lvbench stats`: compute real-set statistics for FVD and related metrics."""

from __future__ import annotations

from pathlib import Path

import click

from lvbench.cli.echo import echo
from lvbench.cli.options import device_option, weights_option, workers_option


@click.group()
def stats() -> None:
    """Compute real-set statistics for FVD and related metrics."""


@stats.command()
@click.argument("path", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Output file (.npz).")
@click.option(
    "--protocol",
    default="lvb-open",
    show_default=True,
    metavar="NAME",
    help="Protocol whose sampling and preprocessing to use: NAME, NAME@VERSION or a .yaml file.",
)
@click.option("--name", help="Name of the data set.  [default: the folder's name]")
@click.option(
    "--extractor",
    metavar="NAME",
    help="Extractor of the features.  [default: that of the protocol's first set metric]",
)
@click.option(
    "--moments-only",
    is_flag=True,
    help="Write the moments only, without the features of the windows.",
)
@weights_option
@device_option
@workers_option
def build(
    path: Path,
    out: Path,
    protocol: str,
    name: str | None,
    extractor: str | None,
    moments_only: bool,
    weights: Path | None,
    device: str,
    workers: int | None,
) -> None:
    """Compute the statistics of the real videos in DIR and write them with their provenance.

    Until the file is written, the features of each video are kept in a folder next to it. Run the
    same command again to resume.
    """
    import shutil

    from lvbench.engine.aggregation.real_set import compared_by, features_only, real_sets_of
    from lvbench.engine.left_out import by_reason, lines
    from lvbench.engine.video_pass.task import find_all
    from lvbench.engine.video_pass.tools import Setting
    from lvbench.engine.workers.progress import for_terminal
    from lvbench.environment import usable_cores
    from lvbench.errors import UsageError
    from lvbench.protocol.load import load_protocol
    from lvbench.results.real_set_file import write_real_set

    if out.suffix != ".npz":
        raise UsageError(
            "write statistics",
            found=f"the name {out.name}",
            where="--out",
            fix="give a name that ends in .npz",
        )
    work = out.with_name(f"{out.stem}.work")
    setting = Setting(weights=None if weights is None else str(weights.absolute()), device=device)
    chosen = load_protocol(protocol)
    tasks, others = find_all(path)
    for line in lines(by_reason(others)):
        echo(line, err=True)
    with for_terminal() as progress:
        found = real_sets_of(
            tasks,
            features_only(chosen, extractor or compared_by(chosen)),
            setting,
            work,
            workers or usable_cores(),
            progress,
            name=name or path.resolve().name,
        )
    if not found:
        raise UsageError(
            "write statistics",
            found="the weights of its extractor are missing, or no video gave features",
            where=f"protocol {protocol}",
            fix="list the missing weights with 'lvbench plan' and this protocol",
        )
    (reference,) = found.values()
    write_real_set(out, reference, features=not moments_only)
    shutil.rmtree(work)
    moments = reference.moments
    echo(f"{out}: {reference.name}, {reference.facts['videos']} videos, {moments.n} windows")
