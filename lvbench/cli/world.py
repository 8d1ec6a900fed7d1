"""`lvbench world`: render clips of the procedural world, with ground truth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lvbench.cli.echo import echo
from lvbench.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from lvbench.world.grammar import Shot
    from lvbench.world.world import World


@click.group()
def world() -> None:
    """Render clips of the procedural world, with ground truth."""


@world.command()
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Output folder.")
@click.option(
    "--seconds",
    type=click.FloatRange(0, min_open=True),
    default=60.0,
    show_default=True,
    help="Length of the clip.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),
    default=0,
    show_default=True,
    help="Random seed.",
)
@click.option(
    "--level",
    type=click.IntRange(0, 3),
    help="Level of complexity.  [default: 3, or the level the prompts need]",
)
@click.option(
    "--size",
    default="256x256",
    show_default=True,
    metavar="WxH",
    help="Width and height in pixels.",
)
@click.option(
    "--fps",
    type=click.FloatRange(0, min_open=True),
    default=8.0,
    show_default=True,
    help="Frames per second.",
)
@click.option("--prompt", metavar="TEXT", help="One prompt for the full clip.")
@click.option(
    "--prompts",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help='Schedule: {"start": SECONDS, "text": TEXT} per line.  [default: drawn from the seed]',
)
@click.option(
    "--crf",
    type=click.IntRange(0, 51),
    help="Compress with loss, at this quality.  [default: lossless]",
)
def render(
    out: Path,
    seconds: float,
    seed: int,
    level: int | None,
    size: str,
    fps: float,
    prompt: str | None,
    prompts: Path | None,
    crf: int | None,
) -> None:
    """Render one clip with its audio and its ground truth.

    Writes clip.mp4 (with audio), clip.wav, truth.json (shots, cuts, onsets, landmarks), truth/
    (arrays per frame, named by the first frame of each part) and manifest.jsonl.
    """
    width, height = _size(size)
    shots = _shots(prompt, prompts, 3 if level is None else level, seed, seconds)
    if level is None and prompt is None and prompts is None:
        level = 3
    from lvbench.world.world import World

    made = World(shots, seed, fps=fps, level=level, aspect=width / height)
    _write(made, seconds, width, height, out, crf)
    echo(out / "clip.mp4")


def _write(
    made: World, seconds: float, width: int, height: int, out: Path, crf: int | None
) -> None:
    import io

    import numpy as np

    from lvbench.results.files import canonical_json, write_atomic
    from lvbench.video.audio.encode import mono
    from lvbench.video.encode import write_video
    from lvbench.video.manifest.manifest import write_manifest
    from lvbench.world import audio, export

    summary = canonical_json(export.summary(made, seconds, width, height), indent=1) + "\n"
    _claim(out / "truth.json", summary)
    write_atomic(out / "truth.json", summary)
    for first, arrays in export.truth_parts(made, seconds, width, height):
        part = io.BytesIO()
        np.savez_compressed(part, allow_pickle=False, **arrays)
        write_atomic(out / "truth" / f"{first:06d}.npz", part.getvalue())
    export.write_wave(out / "clip.wav", made, seconds)
    write_video(
        out / "clip.mp4",
        made.chunks(seconds, width, height),
        made.fps,
        lossless=crf is None,
        crf=crf,
        audio=mono(audio.chunks(made, seconds), audio.RATE),
    )
    # Written last: a folder with a manifest is complete.
    write_manifest(out / "manifest.jsonl", [export.manifest_entry(made, seconds, out / "clip.mp4")])


def _claim(path: Path, wanted: str) -> None:
    """Refuse a folder with another clip: parts of its truth would remain."""
    if path.exists() and path.read_text("utf-8") != wanted:
        raise UsageError(
            "render a clip",
            found="the folder contains another clip",
            where=str(path.parent),
            fix="give another --out, or remove the folder",
        )


def _size(text: str) -> tuple[int, int]:
    parts = text.lower().split("x")
    if len(parts) != 2 or not all(part.isdecimal() and 8 <= int(part) <= 8192 for part in parts):
        raise UsageError(
            "render a clip",
            found=f"'{text}'",
            where="--size",
            fix="give width and height, such as 256x256, from 8 to 8192",
        )
    return int(parts[0]), int(parts[1])


def _shots(
    prompt: str | None, prompts: Path | None, level: int, seed: int, seconds: float
) -> tuple[Shot, ...]:
    from lvbench.world.draw import draw_shots
    from lvbench.world.grammar import parse, schedule

    if prompt is not None and prompts is not None:
        raise UsageError(
            "render a clip",
            found="a prompt and a file of prompts",
            where="--prompt and --prompts",
            fix="give one of them",
        )
    if prompt is not None:
        return (parse(prompt),)
    if prompts is not None:
        return schedule(_read(prompts))
    return draw_shots(level, seed, seconds)


def _read(path: Path) -> list[tuple[float, str]]:
    from pydantic import ValidationError

    from lvbench.reading import lines_of, parse_json, read_text
    from lvbench.video.manifest.entry import Prompt

    try:
        lines = lines_of(read_text(path))
    except (OSError, ValueError) as error:
        raise _unread(path, str(error), "give a file of JSON lines") from error
    found = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            parse_json(line)
            entry = Prompt.model_validate_json(line)
        except ValidationError as error:
            wrong = error.errors()[0]
            place = ".".join(str(part) for part in wrong["loc"])
            fix = 'write {"start": SECONDS, "text": TEXT}'
            raise _unread(path, f"line {number}: {place} {wrong['msg']}", fix) from error
        except ValueError as error:
            raise _unread(
                path, f"line {number}: not JSON ({error})", "write one JSON object per line"
            ) from error
        found.append((entry.start, entry.text))
    return found


def _unread(path: Path, found: str, fix: str) -> ConfigError:
    return ConfigError("read the prompts", found=found, where=str(path), fix=fix)
