"""`lvbench reference`: the reference long-clip diffusion model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lvbench.cli.echo import echo

if TYPE_CHECKING:
    from lvbench.reference.training.trainer import Trainer


@click.group()
def reference() -> None:
    """Train, sample and describe the reference long-clip diffusion model."""


@reference.command()
@click.argument("size", metavar="SIZE")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder of the run.")
@click.option("--steps", type=click.IntRange(1), help="Steps in all.  [default: the recipe's]")
@click.option("--batch", type=click.IntRange(1), help="Clips in a step.  [default: the recipe's]")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option(
    "--level",
    "levels",
    type=click.IntRange(0, 3),
    multiple=True,
    help="Level of the world; repeat.",
)
@click.option("--without", multiple=True, help="A word that no clip's prompt has; repeat.")
@click.option("--only", multiple=True, help="A word, one of which a clip's prompt has; repeat.")
@click.option("--learning-rate", type=click.FloatRange(0, min_open=True), help="At its peak.")
@click.option("--warm-up", type=click.IntRange(0), help="First steps, of rising learning rate.")
@click.option("--decay", type=click.IntRange(0), help="Last steps, of falling learning rate.")
@click.option(
    "--init", type=click.Path(path_type=Path), help="Weights to begin with (transfer, fine-tuning)."
)
@click.option(
    "--augment",
    type=click.Choice(["mirror", "hue", "speed"]),
    multiple=True,
    help="An augmentation; repeat.",
)
@click.option(
    "--self-rollout",
    type=click.FloatRange(0, 1),
    help="Share of steps whose past is the model's own prediction.",
)
@click.option(
    "--distil",
    type=click.FloatRange(0),
    help="Scale of guidance to learn from the weights as they are, so that one pass does.",
)
@click.option("--images", type=click.FloatRange(0, 1), help="Share of steps of single frames.")
@click.option("--window", type=click.IntRange(4), help="Frames of a window.")
@click.option("--dtype", type=click.Choice(["float32", "bfloat16"]))
@click.option("--threads", type=click.IntRange(1), help="Threads.  [default: one per core]")
@click.option(
    "--every",
    type=click.IntRange(1),
    default=250,
    show_default=True,
    help="Steps between two checkpoints, each with a validation.",
)
@click.option(
    "--distance",
    type=click.IntRange(0),
    default=1000,
    show_default=True,
    help="Steps between two measures of sampled clips' distance from the world's; 0 for none.",
)
@click.option("--device", default="cpu", show_default=True, help="Where to train: cpu or cuda.")
def train(
    size: str,
    out: Path,
    threads: int | None,
    every: int,
    distance: int,
    device: str,
    **chosen: Any,
) -> None:
    """Train a model of SIZE (nano, tiny or base); run the same command again to go on.

    Writes weights.safetensors (the moving average), state.safetensors, log.jsonl and curve.png.
    """
    from lvbench.environment import usable_cores
    from lvbench.reference.config import preset
    from lvbench.reference.weights import WEIGHTS, require_torch

    require_torch()
    import torch

    threads = threads or usable_cores()
    torch.set_num_threads(threads)
    init, window = chosen.pop("init"), chosen.pop("window")
    changes = {name: value for name, value in chosen.items() if value not in (None, ())}
    from lvbench.reference.training.trainer import LOG, Trainer
    from lvbench.results.folder_lock import locked_folder

    with locked_folder(out):
        trainer = Trainer(preset(size, window=window, **changes), out, init, device, threads)
        _train(trainer, every, distance)
    from lvbench.reference.training.curve import draw_curve, read_log

    draw_curve(read_log(out / LOG), out / "curve.png")
    echo(f"sample it: lvbench reference sample {out / WEIGHTS} --out clip")


def _train(trainer: Trainer, every: int, distance: int) -> None:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("loss {task.fields[loss]:.4f}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        total = trainer.config.steps
        task = progress.add_task("", total=total, completed=trainer.step, loss=float("nan"))
        trainer.run(
            every=every,
            keep=every,
            distance=distance,
            tell=lambda step, loss: progress.update(task, completed=step, loss=loss),
        )


@reference.command()
@click.argument("model", default="default", metavar="[PRESET[,SWITCH=VALUE...]]")
@click.option("--prompt", metavar="TEXT", help="A prompt of the world.  [default: drawn]")
@click.option("--level", type=click.IntRange(0, 3), default=0, show_default=True)
@click.option("--seconds", type=click.FloatRange(0, min_open=True), default=20.0, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File to write (.mp4).")
def sample(
    model: str, prompt: str | None, level: int, seconds: float, seed: int, out: Path
) -> None:
    """Sample one clip, losslessly encoded; PRESET may also be a weights file."""
    from dataclasses import replace

    from lvbench.generators.reference import ReferenceModel
    from lvbench.video.manifest.entry import Prompt
    from lvbench.world.draw import draw_shots, test_seed

    generator = ReferenceModel(model)
    if prompt is None:
        shots = draw_shots(level, test_seed(seed), seconds)
        prompts = tuple(Prompt(start=shot.start, text=shot.text) for shot in shots)
    else:
        prompts = (Prompt(text=prompt),)
    request = replace(generator.example(), prompts=prompts, seconds=seconds, seed=seed, cuts=())
    path = out if out.suffix == ".mp4" else out.with_suffix(".mp4")
    clip = generator.make(request, path)
    for one in prompts:
        echo(f"{one.start:6.2f} s  {one.text}")
    echo(f"{clip.path}: {seconds:g} s made in {clip.cost['seconds']:.1f} s")


@reference.command()
@click.argument("size", required=False, metavar="[SIZE]")
def info(size: str | None) -> None:
    """Print the sizes, the switches and their presets; with SIZE, the model's card."""
    from lvbench.reference.config import PRESETS
    from lvbench.reference.weights import shipped, weights_of

    if size is not None:
        card = weights_of(size).path.with_name("card.md")
        if card.exists():
            echo(card.read_text("utf-8"))
        echo(_weights_line(size))
        return
    echo("sizes")
    for name in PRESETS:
        echo(f"  {name:6} {_weights_line(name) if name in shipped() else 'no weights here'}")
    _print_switches()


def _weights_line(name: str) -> str:
    from lvbench.reference.gate import standing
    from lvbench.reference.weights import weights_of

    found = weights_of(name)
    net = found.network
    return (
        f"{net.size}x{net.size} at {net.fps:g} fps, window {net.window}, "
        f"{found.about['step']} steps, {standing(name)}"
    )


def _print_switches() -> None:
    from lvbench.reference.sampling.switches import SAMPLING, Switches, described

    echo("\nswitches (reference:PRESET,SWITCH=VALUE)")
    plain = Switches()
    rows = [(f"{name}={getattr(plain, name)}", text) for name, text in described().items()]
    table = click.HelpFormatter(width=100)
    with table.indentation():
        table.write_dl(rows)
    echo(table.getvalue(), nl=False)
    echo("\npresets")
    for name, switches in SAMPLING.items():
        echo(f"  {name:12} {switches.text() or 'all as above'}")
