"""Acceptance gate of the reference model, on test seeds.

    python -m benchmarks.reference.gate WEIGHTS [--levels 0 1] [--clips 16] [--write]

Prints, for each level of the world:
- the error of the next frame from pure noise, relative to copying the last frame (16 clips of a
  window each, as in the training log);
- the error of the next eight frames after eight given ones, relative to copying the last frame and
  to the mean of the given ones;
- identity: the share of the cast that the world's own encoder recognises after 64 frames (or at
  the next return of a camera that is away), in most of nine frames around; after four given
  frames, as in the study that set the gate, and from the prompt alone, which is harder because the
  cast must first appear. For comparison, the same share in the oracle's clips;
- scene recognised, at the same time, from the prompt alone.

A level is passed if the next frame has less than 0.35 of a copy's error, the next eight at most
0.7 of either, and 0.8 of the cast is recognised after 64 frames, and all lower levels are passed.
With --write the result goes into gate.json in the folder of the weights, for the reports.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from lvbench.features.world import world_clip, world_identity
from lvbench.reference.checkpoint import load_network
from lvbench.reference.gate import GATE, passed
from lvbench.reference.network.embedding import Prompts, prompts_of
from lvbench.reference.network.loop_net import LoopNet
from lvbench.reference.sampling.generate import SampleRequest, generate
from lvbench.reference.sampling.rollout import Rollout
from lvbench.reference.sampling.switches import Switches
from lvbench.reference.training.batches import to_frames, to_pixels
from lvbench.reference.training.validate import validation
from lvbench.results.files import canonical_json, write_atomic
from lvbench.world.condition import conditions
from lvbench.world.draw import draw_shots, test_seed
from lvbench.world.grammar import SCENES, Shot
from lvbench.world.world import World

Frames = NDArray[np.uint8]
FIRST_SEED = 700_000  # of the test seeds: neither validation's nor a protocol's
GIVEN, AHEAD = 8, 8
SEEN, LOOKED_AT, AROUND = 4, 64, 4


def main() -> None:
    """Print the gate's numbers."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("weights", type=Path)
    options.add_argument("--levels", type=int, nargs="+", default=[0, 1])
    options.add_argument("--clips", type=int, default=16)
    options.add_argument("--switches", default="")
    options.add_argument("--write", action="store_true")
    chosen = options.parse_args()
    network, about = load_network(chosen.weights)
    switches = Switches().changed(chosen.switches)
    sys.stdout.write(f"{chosen.weights}, {about['step']} steps; {switches.text() or 'default'}\n")
    levels: dict[int, dict[str, float]] = {}
    for level in sorted(chosen.levels):
        worlds = [world(level, number) for number in range(chosen.clips)]
        found = validation(network, [level])
        numbers = {"next frame / copy": found[f"next_frame_{level}"]}
        numbers |= horizon(network, worlds, switches) | kept(network, worlds, switches)
        line = ", ".join(f"{name} {value:.3f}" for name, value in numbers.items())
        sys.stdout.write(f"level {level}: {line}\n")
        sys.stdout.flush()
        levels[level] = {name: round(value, 3) for name, value in numbers.items()}
    if chosen.write:
        measured = {
            "weights": hashlib.sha256(chosen.weights.read_bytes()).hexdigest(),
            "switches": switches.text(),
            "clips": chosen.clips,
            "levels": levels,
            "passed": passed(levels),
        }
        write_atomic(chosen.weights.with_name(GATE), canonical_json(measured, indent=1) + "\n")


def world(level: int, number: int) -> World:
    """Return a clip of the test seeds."""
    seed = test_seed(FIRST_SEED + 1000 * level + number)
    return World(draw_shots(level, seed, 64.0), seed, level=level)


def horizon(network: LoopNet, worlds: list[World], switches: Switches) -> dict[str, float]:
    """Return the error of the next eight frames relative to two trivial predictions."""
    size, fps = network.config.size, network.config.fps
    first = round(20 * fps)
    stop = first + GIVEN + AHEAD
    truth = to_pixels(np.stack([one.render(first, stop, size, size) for one in worlds]))
    made = continued(network, worlds, switches, truth[:, :GIVEN], AHEAD, first)
    ahead = truth[:, GIVEN:]

    def error(other: torch.Tensor) -> float:
        return float((other - ahead).square().mean())

    mean = truth[:, :GIVEN].mean(1, keepdim=True)
    return {
        "8 frames / copy": error(made) / error(truth[:, GIVEN - 1 : GIVEN]),
        "8 frames / mean": error(made) / error(mean),
    }


def continued(
    network: LoopNet,
    worlds: list[World],
    switches: Switches,
    given: torch.Tensor,
    count: int,
    first: int = 0,
) -> torch.Tensor:
    """Return `count` frames after given ones, which start at the worlds' frame `first`."""

    def prompts_at(start: int, end: int) -> Prompts:
        return prompts_of([conditions(one, first + start, first + end) for one in worlds])

    rollout = Rollout(network, switches, prompts_at, [str(number) for number in range(len(worlds))])
    rollout.begin(given)
    with torch.inference_mode():
        return torch.stack(list(rollout.frames(count)), 1)


def kept(network: LoopNet, worlds: list[World], switches: Switches) -> dict[str, float]:
    """Return the shares of cast and scene recognised after 64 frames, and the oracle's."""
    size, fps = network.config.size, network.config.fps
    when = [home_after(one.shots[0], SEEN + LOOKED_AT, fps) for one in worlds]
    last = max(when) + AROUND + 1
    begun = to_pixels(np.stack([one.render(0, SEEN, size, size) for one in worlds]))
    after = to_frames(continued(network, worlds, switches, begun, last - SEEN))
    wanted = [SampleRequest(one.shots[:1], n, str(n)) for n, one in enumerate(worlds)]
    alone = np.concatenate(list(generate(network, wanted, last / fps, switches)), 1)

    def around(clips: Frames, ahead: int) -> list[Frames]:
        spans = [slice(at - ahead - AROUND, at - ahead + AROUND + 1) for at in when]
        return [clip[span] for clip, span in zip(clips, spans, strict=True)]

    true = [
        one.render(at - AROUND, at + AROUND + 1, size, size)
        for one, at in zip(worlds, when, strict=True)
    ]
    return {
        "identity after frames": present(around(after, SEEN), worlds),
        "identity from the prompt": present(around(alone, 0), worlds),
        "oracle's": present(true, worlds),
        "scene": scenes(around(alone, 0), worlds),
        "oracle's scene": scenes(true, worlds),
    }


def home_after(shot: Shot, frame: int, fps: float) -> int:
    """Return the frame or, if the camera is away then, the next one with the camera at home."""
    while abs(conditions(((shot,), fps), frame, frame + 1).camera[0, 0]) > 0.02:
        frame += 1
    return frame


def present(clips: list[Frames], worlds: list[World]) -> float:
    """Return the share of cast members recognised in most frames of their clip."""
    found: list[bool] = []
    for clip, one in zip(clips, worlds, strict=True):
        seen = world_identity.present(clip, one.shots[0].cast)
        found += (seen.mean(0) > 0.5).tolist()
    return float(np.mean(found))


def scenes(clips: list[Frames], worlds: list[World]) -> float:
    """Return the share of clips whose scene is recognised in most frames."""
    right = [
        np.mean(world_clip.read_scene(clip) == SCENES.index(one.shots[0].scene)) > 0.5
        for clip, one in zip(clips, worlds, strict=True)
    ]
    return float(np.mean(right))


if __name__ == "__main__":
    main()
