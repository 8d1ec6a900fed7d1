"""Train the world's encoders, evaluate them on test clips, write their weights."""

from __future__ import annotations

import json
from pathlib import Path

import click

from benchmarks.world_training.clip import ClipLesson
from benchmarks.world_training.identity import IdentityLesson
from benchmarks.world_training.loop import Lesson, export, train
from benchmarks.world_training.video import VideoLesson

LESSONS = ("identity", "clip", "video")


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(LESSONS))
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="Output folder; an interrupted run is resumed.",
)
@click.option("--steps", type=click.IntRange(min=1), help="Steps of a run; fewer for a test.")
@click.option("--seed", default=0, show_default=True, help="Seed of weights and batches.")
@click.option("--moments", default=24_000, show_default=True, help="Training frames to draw.")
@click.option("--examine", is_flag=True, help="Only evaluate the shipped encoders.")
def main(
    names: tuple[str, ...], out: Path, steps: int | None, seed: int, moments: int, examine: bool
) -> None:
    """Train the encoders NAMES (by default all), each in one thread.

    Writes OUT/world_NAME.safetensors: copy it to lvbench/weights/shipped and enter the printed
    size and sha256 in lvbench/weights/weights.yaml.
    """
    for name in names or LESSONS:
        if examine:
            _examine(name, out)
            continue
        lesson = _lesson(name, out, moments)
        network = train(lesson, out, steps=steps, seed=seed)
        path = out / f"{lesson.name}.safetensors"
        export(network, path)
        from lvbench.video.file_hash import sha256_file

        click.echo(f"{path}: {path.stat().st_size} bytes, sha256 {sha256_file(path)}")


def _lesson(name: str, out: Path, moments: int) -> Lesson:
    if name == "identity":
        return IdentityLesson(out, moments)
    return ClipLesson(out, moments) if name == "clip" else VideoLesson(out)


def _examine(name: str, out: Path) -> None:
    from importlib import import_module

    module = import_module(f"benchmarks.world_training.examine_{name}")
    found = getattr(module, name)()
    out.mkdir(parents=True, exist_ok=True)
    (out / f"world_{name}.examined.json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    click.echo(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
