"""`lvbench verify`: are a run's numbers those of its videos and its protocol?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lvbench.cli.echo import echo
from lvbench.cli.options import device_option, weights_option, workers_option
from lvbench.printing import visible

if TYPE_CHECKING:
    from lvbench.verify.finding import Verification

CODES = {"agrees": 0, "differs": 3, "incomplete": 4}
_MOST_ROWS = 40
_LONGEST = 48
_HEADS = ("where", "cell", "in the run", "recomputed", "relative difference", "tolerance")
_VERDICTS = {
    "agrees": "everything that was checked agrees",
    "differs": "this run differs from the result of its videos and its protocol",
    "incomplete": "nothing differs, but not every requested check was possible",
}


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--all", "everything", is_flag=True, help="Recompute every item.")
@click.option(
    "--sample",
    type=click.IntRange(0),
    metavar="N",
    help="Recompute N randomly drawn items; 0: aggregates only.  [default: 10]",
)
@click.option("--seed", type=int, help="Seed of the draw.  [default: system entropy]")
@click.option(
    "--videos",
    type=click.Path(path_type=Path, exists=True),
    metavar="DIR",
    help="Folder or manifest of the videos.  [default: RUN/videos]",
)
@click.option(
    "--regenerate",
    metavar="NAME",
    help="Generate the clips again with this generator, for a run without videos.",
)
@click.option(
    "--protocol",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Protocol file, if lvbench does not ship the protocol.",
)
@click.option(
    "--real",
    type=click.Path(path_type=Path, exists=True),
    metavar="DIR|STATS",
    help="Real set of the run.",
)
@click.option(
    "--exact/--tolerant",
    default=None,
    help="Require equal bits, or allow each metric's tolerance.  [default: exact on the same "
    "machine]",
)
@weights_option
@device_option
@workers_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def verify(
    run: Path,
    everything: bool,
    sample: int | None,
    weights: Path | None,
    device: str,
    as_json: bool,
    **chosen: Any,
) -> int:
    """Recompute the aggregates of RUN from its items, and its items from the videos.

    Exit code 0: everything agrees; 3: something differs; 4: nothing differs, but a requested check
    was not possible.
    """
    if everything and sample is not None:
        raise click.UsageError("give either --all or --sample")
    if chosen["videos"] is not None and chosen["regenerate"] is not None:
        raise click.UsageError("give either --videos or --regenerate")
    from lvbench.engine.video_pass.tools import Setting
    from lvbench.engine.workers.progress import for_terminal
    from lvbench.results.files import canonical_json
    from lvbench.verify.verify import SAMPLE, VerifyOptions
    from lvbench.verify.verify import verify as verify_run

    place = None if weights is None else str(weights.absolute())
    options = VerifyOptions(
        sample=None if everything else SAMPLE if sample is None else sample,
        setting=Setting(weights=place, device=device),
        **chosen,
    )
    found = verify_run(run, options, for_terminal())
    if as_json:
        echo(canonical_json(found.as_json(), indent=1))
    else:
        echo(verification_text(found), nl=False)
    return CODES[found.verdict]


def verification_text(found: Verification) -> str:
    """Return a verification as text: differences, missing checks, sampling odds, verdict."""
    import io
    import shutil

    from rich.console import Console
    from rich.table import Table

    out = io.StringIO()
    width = max(100, shutil.get_terminal_size((120, 24)).columns)
    console = Console(file=out, width=width, highlight=False, markup=False, emoji=False)
    console.print(f"{_clean(found.folder.name)}: {found.protocol}")
    console.print(_clean(found.signed), soft_wrap=True)
    if found.findings:
        table = Table(title="What differs", title_justify="left")
        for name in _HEADS:
            # The cell's name stays on one line, so that it can be searched for.
            table.add_column(name, overflow="fold", no_wrap=name == "cell")
        for finding in found.findings[:_MOST_ROWS]:
            table.add_row(
                _text(finding.where),
                _text(finding.cell or finding.code),
                _text(finding.stated),
                _text(finding.recomputed),
                _text(finding.detail)
                if finding.difference is None
                else f"{finding.difference:.3g}",
                _text(finding.tolerance),
            )
        console.print(table)
        if len(found.findings) > _MOST_ROWS:
            console.print(f"and {len(found.findings) - _MOST_ROWS} more; --json lists all")
    for one in found.unverifiable[:_MOST_ROWS]:
        console.print(f"not verified: {_clean(one.what)}: {_clean(one.reason)}", soft_wrap=True)
    for note in found.notes:
        console.print(f"note: {_clean(note)}", soft_wrap=True)
    console.print(_items(found), soft_wrap=True)
    if found.recomputed:
        console.print(_cells(found), soft_wrap=True)
    if found.findings:
        count = len(found.findings)
        console.print(f"{count} finding{'s' if count > 1 else ''}: {_VERDICTS[found.verdict]}.")
    else:
        console.print(f"{_VERDICTS[found.verdict]}.".capitalize())
    return out.getvalue()


def _items(found: Verification) -> str:
    """State how many items were recomputed, and the odds for the others."""
    from lvbench.verify.sample import found_with

    count, of = len(found.recomputed), found.videos
    text = f"{count} of {of} items recomputed from their videos"
    if found.seed is not None:
        text += f", drawn with --seed {found.seed}"
    if count == of and of:
        return f"{text}: no altered item can be missed."
    text += f"; chance of missing one altered item: {found.missed:.1%}"
    least = found_with(of, count)
    if not least:
        return f"{text}."
    return f"{text}; of {least} altered items, at least one is found with a chance of 95 %."


def _cells(found: Verification) -> str:
    cells = found.cells
    text = f"{cells.equal} cells are equal to the last bit"
    if cells.within:
        text += f", {cells.within} within tolerance (the largest at {cells.largest:.0%} of it)"
    rule = "the last bit, on a machine like this one" if found.exact else "each metric's tolerance"
    return f"{text}; compared to {rule}."


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return repr(value) if value == 0 or 1e-4 <= abs(value) < 1e12 else f"{value:.6g}"
    text = _clean(str(value))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _clean(text: str) -> str:
    """Return text on one line, without control characters: the run may be hostile."""
    return visible(" ".join(text.split()))
