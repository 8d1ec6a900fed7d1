"""`lvbench demo`: score and compare two presets of the reference model."""

from __future__ import annotations

from pathlib import Path

import click

from lvbench.cli.echo import echo
from lvbench.cli.options import workers_option

PROTOCOL = "lvb-demo"
GENERATORS = ("reference:default", "reference:drift-demo")


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("runs/demo"),
    show_default=True,
    help="Folder of the run folders.",
)
@click.option(
    "--videos", type=click.Path(path_type=Path), help="Score these clips and generate none."
)
@click.option(
    "--faults", is_flag=True, help="Score rendered clips with planted faults; needs no torch."
)
@workers_option
def demo(out: Path, videos: Path | None, faults: bool, workers: int | None) -> int:
    """Generate clips with the reference model, score them and compare the runs.

    The default preset and a preset that drifts on purpose sample the same prompts (protocol
    lvb-demo). The second run is then compared with the first.
    """
    if videos is not None or faults:
        return _scored(out, videos, workers)
    from lvbench.engine.evaluate import evaluate
    from lvbench.engine.workers.progress import for_terminal
    from lvbench.generators.production.produce import produce
    from lvbench.protocol.load import load_protocol
    from lvbench.report.page.report import write_report

    protocol = load_protocol(PROTOCOL)
    runs: list[Path] = []
    for generator in GENERATORS:
        folder = out / generator.partition(":")[2]
        echo(f"{generator}: generating and scoring {folder}", err=True)
        clips = produce(generator, protocol, folder / "videos")
        run = evaluate(
            clips,
            out=folder,
            protocol=protocol,
            workers=workers,
            title=generator,
            progress=for_terminal(),
        )
        write_report(run.folder, videos=clips.parent)
        runs.append(run.folder)
    return _compared(runs[0], runs[1], out / "comparison.html")


def _scored(out: Path, videos: Path | None, workers: int | None) -> int:
    from lvbench.cli.outcome import print_outcome
    from lvbench.engine.evaluate import evaluate
    from lvbench.engine.workers.progress import for_terminal
    from lvbench.protocol import DEFAULT_PROTOCOL

    protocol = DEFAULT_PROTOCOL
    if videos is None:
        from lvbench.validity.demo_clips import render_demo_clips

        videos, protocol = out.parent / f"{out.name}-clips", "lvb-smoke"
        render_demo_clips(videos)
    run = evaluate(videos, out=out, protocol=protocol, workers=workers, progress=for_terminal())
    return print_outcome(run, videos, as_json=False)


def _compared(base: Path, head: Path, page: Path) -> int:
    """Print how the second run is worse than the first; a regression is the expected result."""
    from lvbench.comparison.compare import compare
    from lvbench.comparison.html import write_comparison
    from lvbench.comparison.terminal import comparison_terminal

    found = compare(base, head)
    click.echo(comparison_terminal(found), nl=False)
    echo(f"comparison: {write_comparison(found, page)}")
    for run in (base, head):
        echo(f"report: {run / 'report.html'}")
    return 0
