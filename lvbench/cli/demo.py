"""`lvbench demo`: a few clips with planted faults, evaluated."""

from __future__ import annotations

from pathlib import Path

import click

from lvbench.cli.options import workers_option


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("runs/demo"),
    show_default=True,
    help="Run folder.",
)
@click.option(
    "--videos", type=click.Path(path_type=Path), help="Judge these clips, and render none."
)
@workers_option
def demo(out: Path, videos: Path | None, workers: int | None) -> int:
    """Render one healthy clip and several with planted faults, and judge them by lvb-smoke."""
    from lvbench.cli.outcome import print_outcome
    from lvbench.engine.evaluate import evaluate
    from lvbench.engine.progress import for_terminal

    if videos is None:
        from lvbench.validity.demo_clips import render_demo_clips

        videos = out.parent / f"{out.name}-clips"
        render_demo_clips(videos)
    run = evaluate(videos, out=out, workers=workers, progress=for_terminal())
    return print_outcome(run, videos, as_json=False)
