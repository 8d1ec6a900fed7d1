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
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="Folder of the training run."
)
@click.option("--steps", type=click.IntRange(1), help="Total steps.  [default: the recipe]")
@click.option("--batch", type=click.IntRange(1), help="Clips per step.  [default: the recipe]")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Random seed.")
@click.option(
    "--level",
    "levels",
    type=click.IntRange(0, 3),
    multiple=True,
    help="Level of the world (repeatable).",
)
@click.option("--without", multiple=True, help="Exclude prompts with this word (repeatable).")
@click.option("--only", multiple=True, help="Require one of these words in a prompt (repeatable).")
@click.option(
    "--learning-rate", type=click.FloatRange(0, min_open=True), help="Peak learning rate."
)
@click.option(
    "--warm-up", type=click.IntRange(0), help="Steps of warm-up: the learning rate rises."
)
@click.option("--decay", type=click.IntRange(0), help="Steps of decay: the learning rate falls.")
@click.option(
    "--init", type=click.Path(path_type=Path), help="Initial weights (transfer, fine-tuning)."
)
@click.option(
    "--augment",
    type=click.Choice(["mirror", "hue", "speed"]),
    multiple=True,
    help="Augmentation (repeatable).",
)
@click.option(
    "--self-rollout",
    type=click.FloatRange(0, 1),
    help="Share of steps conditioned on the model's own predictions.",
)
@click.option(
    "--distil",
    type=click.FloatRange(0),
    help="Guidance scale to distil, so that sampling needs one forward pass per step.",
)
@click.option("--images", type=click.FloatRange(0, 1), help="Share of steps on single frames.")
@click.option("--window", type=click.IntRange(4), help="Frames per window.")
@click.option(
    "--dtype",
    type=click.Choice(["float32", "bfloat16"]),
    help="Number format of the training.  [default: the recipe]",
)
@click.option("--threads", type=click.IntRange(1), help="Threads.  [default: one per core]")
@click.option(
    "--every",
    type=click.IntRange(1),
    default=250,
    show_default=True,
    help="Steps between checkpoints; each runs a validation.",
)
@click.option(
    "--distance",
    type=click.IntRange(0),
    default=1000,
    show_default=True,
    help="Steps between measurements of the distance to the world's clips; 0: never.",
)
@click.option(
    "--device", default="cpu", show_default=True, help="Device of the training: cpu or cuda."
)
def train(
    size: str,
    out: Path,
    threads: int | None,
    every: int,
    distance: int,
    device: str,
    **chosen: Any,
) -> None:
    """Train a model of SIZE (nano, tiny or base); run the same command again to resume.

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
    from lvbench.results.folder_lock import held

    with held(out):
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
@click.option(
    "--prompt",
    metavar="TEXT",
    help="Prompt in the grammar of the world.  [default: drawn from the seed]",
)
@click.option(
    "--level",
    type=click.IntRange(0, 3),
    default=0,
    show_default=True,
    help="Level of the drawn prompt.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(0, min_open=True),
    default=20.0,
    show_default=True,
    help="Length of the clip.",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Random seed.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Output file (.mp4).")
def sample(
    model: str, prompt: str | None, level: int, seconds: float, seed: int, out: Path
) -> None:
    """Sample one clip, encoded without loss; PRESET may also be a weights file."""
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
    echo(f"{clip.path}: {seconds:g} s generated in {clip.cost['seconds']:.1f} s")


@reference.command()
@click.argument("size", required=False, metavar="[SIZE]")
def info(size: str | None) -> None:
    """Print sizes, switches and presets; with SIZE, the card of that model."""
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
