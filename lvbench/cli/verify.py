"""`lvbench verify`: are a run's numbers those of its videos and its protocol?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lvbench.cli.echo import echo
from lvbench.cli.options import device_option, weights_option, workers_option

if TYPE_CHECKING:
    from lvbench.verify.finding import VerifyResult

CODES = {"agrees": 0, "differs": 3, "incomplete": 4}


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--all", "everything", is_flag=True, help="Judge every item afresh.")
@click.option(
    "--sample",
    type=click.IntRange(0),
    metavar="N",
    help="Judge N items afresh, drawn by the verifier; 0 for aggregates alone.  [default: 10]",
)
@click.option("--seed", type=int, help="Seed of the draw.  [default: from the system's entropy]")
@click.option(
    "--videos",
    type=click.Path(path_type=Path, exists=True),
    metavar="DIR",
    help="The videos: a folder or a manifest.  [default: RUN/videos]",
)
@click.option(
    "--regenerate",
    metavar="NAME",
    help="Make the clips of a run that kept none anew, by this generator.",
)
@click.option(
    "--protocol",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="The protocol, where it does not ship with lvbench.",
)
@click.option(
    "--real",
    type=click.Path(path_type=Path, exists=True),
    metavar="DIR|STATS",
    help="The real set that the run was compared with.",
)
@click.option(
    "--exact/--tolerant",
    default=None,
    help="Equal to the last bit, or within each metric's tolerance.  [default: exact on the same "
    "machine]",
)
@weights_option
@device_option
@workers_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def verify(
    run: Path,
    everything: bool,
    sample: int | None,
    seed: int | None,
    videos: Path | None,
    regenerate: str | None,
    protocol: Path | None,
    real: Path | None,
    exact: bool | None,
    weights: Path | None,
    device: str,
    workers: int | None,
    as_json: bool,
) -> int:
    """Recompute the aggregates of RUN from its items, and its items from the videos.

    Exit code 0: all agrees; 3: something differs; 4: nothing differs, but something that was
    asked for could not be looked at.
    """
    if everything and sample is not None:
        raise click.UsageError("give either --all or --sample")
    if videos is not None and regenerate is not None:
        raise click.UsageError("give either --videos or --regenerate")
    from lvbench.engine.video_pass.tools import Setting
    from lvbench.engine.workers.progress import for_terminal
    from lvbench.results.files import canonical_json
    from lvbench.verify.verify import SAMPLE, VerifyOptions
    from lvbench.verify.verify import verify as verify_run

    place = None if weights is None else str(weights.absolute())
    options = VerifyOptions(
        sample=None if everything else SAMPLE if sample is None else sample,
        seed=seed,
        videos=videos,
        regenerate=regenerate,
        protocol=protocol,
        real=real,
        setting=Setting(weights=place, device=device),
        exact=exact,
        workers=workers,
    )
    found = verify_run(run, options, for_terminal())
    if as_json:
        echo(canonical_json(found.as_json(), indent=1))
    else:
        _print(found)
    return CODES[found.verdict]


def _print(found: VerifyResult) -> None:
    from lvbench.cli.verify_table import verification_text

    echo(verification_text(found), nl=False)
