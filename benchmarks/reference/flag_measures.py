"""Measure a network on continued clips and on clips from prompts alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from lvbench.features.world import world_identity
from lvbench.metrics import colour_drift, exposure_drift
from lvbench.reference.network.embedding import Prompts, prompts_of
from lvbench.reference.network.loop_net import LoopNet
from lvbench.reference.sampling.generate import SampleRequest, generate
from lvbench.reference.sampling.rollout import Rollout
from lvbench.reference.sampling.switches import Switches
from lvbench.reference.training.batches import allowed, to_frames, to_pixels
from lvbench.world.condition import conditions
from lvbench.world.draw import draw_shots, test_seed
from lvbench.world.world import World

Frames = NDArray[np.uint8]
FIRST_SEED = 800_000  # of the test seeds: neither validation's nor the gate's nor a protocol's
GIVEN, AHEAD = 8, 32  # frames; those ahead are compared with the truth
CLIPS, LONG_CLIPS = 16, 8
SECONDS = 20.0
ELSEWHERE = ("new", "level_1")
SWITCHES = Switches(sampler="frame", steps=3)
BEGUN = 160  # first frame of a rollout within its clip


def measured(
    network: LoopNet, held_out: tuple[str, ...], elsewhere: Sequence[str]
) -> dict[str, float]:
    """Return all measurements of one network.

    Errors are mean squared errors of frames sampled after eight true ones, relative to copying the
    last true frame: `frame_1`, `frames_1_8`, `frames_1_32` on level 0 without the held-out words,
    `new_*` on clips with one of them, `level_1_*` on level 1 without them, as selected by
    `elsewhere`. Of 20 s sampled after eight true frames: `light` and `colour`, median absolute
    drift; `cast_4s` and `cast_end`, the share of the cast recognised in the second around 4 s and
    in the last one. Of one second from the prompt alone: `cast_prompt`.
    """
    old = worlds(0, CLIPS, without=held_out)
    made = continued(network, old[:LONG_CLIPS], round(SECONDS * network.config.fps))
    short = continued(network, old[LONG_CLIPS:], AHEAD)
    found = errors(network, old, np.concatenate([made[:, :AHEAD], short]))
    for name in elsewhere:
        new = name == "new"
        others = worlds(
            0 if new else 1,
            CLIPS,
            without=() if new else held_out,
            only=held_out if new else (),
        )
        found_there = errors(network, others, continued(network, others, AHEAD))
        found |= {
            f"{name}_{key}": value for key, value in found_there.items() if key != "frames_1_8"
        }
    return found | _drift(made, old, network.config.fps) | {"cast_prompt": _begun(network, old)}


def worlds(
    level: int, count: int, *, without: tuple[str, ...] = (), only: tuple[str, ...] = ()
) -> list[World]:
    """Return the first clips of the test seeds whose words are allowed."""
    found: list[World] = []
    number = FIRST_SEED + 1000 * level
    while len(found) < count:
        shots = draw_shots(level, test_seed(number), 64.0)
        if allowed(shots, without, only):
            found.append(World(shots, test_seed(number), level=level))
        number += 1
    return found


def continued(network: LoopNet, clips: list[World], count: int) -> Frames:
    """Return `count` frames of each clip, sampled after eight true ones: `(clips, T, h, w, 3)`."""

    def prompts_at(start: int, end: int) -> Prompts:
        return prompts_of([conditions(one, BEGUN + start, BEGUN + end) for one in clips])

    rollout = Rollout(network, SWITCHES, prompts_at, [str(number) for number in range(len(clips))])
    rollout.begin(to_pixels(_true(network, clips, 0, GIVEN)))
    with torch.inference_mode():
        return np.stack([to_frames(frame) for frame in rollout.frames(count)], 1)


def errors(network: LoopNet, clips: list[World], made: Frames) -> dict[str, float]:
    """Return the errors of sampled frames relative to copying the last given frame."""
    truth = _true(network, clips, GIVEN - 1, GIVEN + AHEAD).astype(np.float64)
    copied, truth = truth[:, :1], truth[:, 1:]
    return {
        name: float(
            np.square(made[:, :stop] - truth[:, :stop]).mean()
            / np.square(copied - truth[:, :stop]).mean()
        )
        for name, stop in (("frame_1", 1), ("frames_1_8", 8), ("frames_1_32", AHEAD))
    }


def _true(network: LoopNet, clips: list[World], first: int, stop: int) -> Frames:
    size = network.config.size
    return np.stack([one.render(BEGUN + first, BEGUN + stop, size, size) for one in clips])


def _drift(made: Frames, clips: list[World], fps: float) -> dict[str, float]:
    second = round(fps)
    light = [abs(exposure_drift(clip, fps).value or 0.0) for clip in made]
    colour = [colour_drift(clip, fps).value or 0.0 for clip in made]
    return {
        "light": float(np.median(light)),
        "colour": float(np.median(colour)),
        "cast_4s": _cast(made[:, 4 * second - second // 2 : 4 * second + second // 2], clips),
        "cast_end": _cast(made[:, -second:], clips),
    }


def _begun(network: LoopNet, clips: list[World]) -> float:
    wanted = [SampleRequest(one.shots, number, str(number)) for number, one in enumerate(clips)]
    return _cast(np.concatenate(list(generate(network, wanted, 1.0, SWITCHES)), 1), clips)


def _cast(made: Frames, clips: list[World]) -> float:
    """Return the share of cast members recognised in most frames."""
    found: list[bool] = []
    for clip, one in zip(made, clips, strict=False):
        seen = world_identity.present(clip, one.shots[0].cast)
        found += (seen.mean(0) > 0.5).tolist()
    return float(np.mean(found))
