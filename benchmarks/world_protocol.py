"""Create the files shipped with the world's protocols: prompts and real-set statistics.

`python benchmarks/world_protocol.py prompts FOLDER` writes the prompt files,
`python benchmarks/world_protocol.py real NAME FILE.npz` the real set of a protocol: clips from the
world's renderer for the same prompts and other test seeds. Both print sha256.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np

from lvbench.video.file_hash import sha256_file
from lvbench.world.draw import test_seed
from lvbench.world.grammar import HUES, LEVELS, PATTERNS, SCENES, SHAPES, Character, Shot, level

PER_LEVEL = 6  # each scene once
OFFSETS = (0, 3, 1, 4)  # a level's first scene: the first 12 prompts have each scene twice
CAMERAS = ("return right", "pan left", "return left", "return right", "pan right", "return left")
CALM = ("return left", "still", "return right", "return right", "pan left", "return left")
FIRST = ("return left", "pan right", "return right", "pan left", "return left", "pan right")
LIGHTS = ("cycle", "dusk", "noon", "dusk", "cycle", "noon")
CUTS = {60: (0.0, 18.0, 34.0, 48.0), 180: (0.0, 24.0, 42.0, 66.0, 84.0, 106.0, 128.0, 152.0)}
# Numbers of the real set's test seeds.
SEEDS = {60: range(1000, 1004), 180: range(1000, 1002)}


class Deck:
    """A shuffled deck, so that each card is dealt equally often."""

    def __init__(self, cards: Sequence[Any], rng: np.random.Generator) -> None:
        self._cards, self._rng, self._left = list(cards), rng, list[Any]()

    def deal(self) -> Any:
        """Return the next card."""
        if not self._left:
            self._left = [self._cards[i] for i in self._rng.permutation(len(self._cards))]
        return self._left.pop()


class Casting:
    """Choose members so that shapes, hues and patterns are equally frequent."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._shapes, self._hues = Deck(SHAPES, rng), Deck(HUES, rng)
        self._patterns, self._marked = Deck(PATTERNS, rng), Deck(PATTERNS[1:], rng)

    def cast(self, size: int, patterned: bool, kept: Sequence[Character] = ()) -> tuple[Any, ...]:
        """Return a cast of `size` members of different hues, starting with the `kept` ones."""
        members = list(kept)
        while len(members) < size:
            hue = self._hues.deal()
            if hue in [member.hue for member in members]:
                continue
            # At least one has a pattern, because the level includes patterns.
            deck = self._patterns if members else self._marked
            pattern = deck.deal() if patterned else "solid"
            members.append(Character(self._shapes.deal(), hue, pattern))
        return tuple(members)


def schedules(seconds: int) -> Iterator[tuple[int, tuple[Shot, ...]]]:
    """Yield level and shots of every prompt, in the order of their ids."""
    casting = Casting(np.random.Generator(np.random.Philox(seconds)))
    for turn in range(PER_LEVEL):
        for kind in range(LEVELS):
            scene = SCENES[(OFFSETS[kind] + turn) % len(SCENES)]
            cast = casting.cast(1 + (turn + kind) % 3, kind > 1)
            camera = ("still", CAMERAS[turn], CALM[turn], FIRST[turn])[kind]
            light = LIGHTS[turn] if kind > 1 else "noon"
            shots = [Shot(0.0, scene, cast, camera, light)]
            for number, start in enumerate(CUTS[seconds][1:] if kind == 3 else (), 1):
                shots.append(_after(shots, number, start, casting))
            yield kind, tuple(shots)


def _after(shots: list[Shot], number: int, start: float, casting: Casting) -> Shot:
    """Return the next shot: elsewhere with some of the cast, or back in the first scene."""
    before, first = shots[-1], shots[0]
    back = number % 3 == 2
    step = 1 + number % (len(SCENES) - 2)
    scene = first.scene if back else SCENES[(SCENES.index(before.scene) + step) % len(SCENES)]
    if not back and scene == first.scene:
        scene = SCENES[(SCENES.index(scene) + 1) % len(SCENES)]
    kept = first.cast if back else before.cast[:1] if number % 2 else ()
    size = max(len(kept), 1 + (len(before.cast) + number) % 3)
    camera = ("still", "return left", "return right", "pan left")[number % 4]
    return Shot(start, scene, casting.cast(size, True, kept), camera, before.light)


def persist(kind: int, shots: Sequence[Shot]) -> list[str]:
    """Return what must persist in a schedule; a change of scene changes the brightness."""
    if kind == 3:
        return ["style"]
    steady = [] if shots[0].light == "cycle" else ["light"]
    return ["identity", "scene", *steady, "style"]


def rows(seconds: int) -> Iterator[dict[str, Any]]:
    """Yield the lines of a prompt file."""
    for number, (kind, shots) in enumerate(schedules(seconds)):
        assert level(shots) == kind, shots
        stays = persist(kind, shots)
        yield {
            "id": f"world-{number:02}-level{kind}-{shots[0].scene}",
            "level": kind,
            "prompts": [{"start": s.start, "text": s.text, "persist": stays} for s in shots],
            "cuts": [s.start for s in shots[1:]],
        }


@click.group()
def main() -> None:
    """Create the files shipped with the world's protocols."""


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
def prompts(folder: Path) -> None:
    """Write the prompt files."""
    for seconds, name in ((60, "world"), (180, "world-180s")):
        path = folder / f"prompts-{name}-v1.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows(seconds)), "utf-8")
        click.echo(f"{path}: sha256 {sha256_file(path)}")


@main.command()
@click.argument("name")
@click.argument("path", type=click.Path(path_type=Path))
def real(name: str, path: Path) -> None:
    """Write the real set of the protocol NAME."""
    from lvbench.cli.stats import build
    from lvbench.generators.baselines.oracle import Oracle
    from lvbench.generators.contract.requests import requests
    from lvbench.protocol.load import load_protocol

    asked = load_protocol(name).prompts
    assert asked is not None
    others = asked.model_copy(
        update={"seeds": [test_seed(number) for number in SEEDS[round(asked.seconds)]]}
    )
    with tempfile.TemporaryDirectory() as scratch:
        for request in requests(others):
            Oracle().make(request, Path(scratch) / f"{request.id}.mp4")
        arguments = [scratch, "--out", str(path), "--protocol", name, "--name", f"{name} renderer"]
        build(arguments, standalone_mode=False)
    click.echo(f"{path}: {path.stat().st_size} bytes, sha256 {sha256_file(path)}")


if __name__ == "__main__":
    main()
