"""Effect of each switch on drift, and its cost: a table of docs/reference-model.md.

    python -m benchmarks.reference.table WEIGHTS [--level 0] [--clips 8] [--seconds 30]
                                         [--threads 2] [--sampler rolling] [--rows NAME ...]

Every row generates the same clips (test seeds, one batch) with one switch changed; the deliberately
bad presets have rows as well. Means over clips: the share of the cast recognised by
`world_identity` in the second around 8 s and in the last one; the change from first to last tenth
of lightness (`exposure_drift`, median of the absolute value, L*), of sharpness (`sharpness_drift`,
dB) and of colour (`colour_drift`); motion (`motion_magnitude`); seconds of processor time per
generated second of one clip.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import get_args

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.markdown import heading, row
from benchmarks.reference.gate import world
from lvbench.features.world import world_identity
from lvbench.metrics import colour_drift, exposure_drift, motion_magnitude, sharpness_drift
from lvbench.reference.checkpoint import load_network
from lvbench.reference.sampling.generate import SampleRequest, generate
from lvbench.reference.sampling.switches import SAMPLING, Sampler, Switches
from lvbench.world.world import World

# Changes to the selected sampler, which also has a row without changes.
CHANGES = {
    "frame by frame": "sampler=frame",
    "rolling": "sampler=rolling",
    "2 steps": "steps=2",
    "10 steps": "steps=10",
    "shift 3": "shift=3",
    "heun": "solver=heun,steps=3",
    "renoise": "solver=renoise",
    "chunk, overlap 8": "sampler=chunk,chunk=8,overlap=8",
    "chunk, overlap 1": "sampler=chunk,chunk=8,overlap=1",
    "window 8": "window=8",
    "window 4": "window=4",
    "no opening": "opening=0",
    "history_noise 0": "history_noise=0",
    "history_noise 0.12": "history_noise=0.12",
    "sink 2": "sink=2",
    "memory 2": "memory=2",
    "recache 8": "recache=8",
    "history_guidance 0.5": "history_guidance=0.5",
    "history_guidance 2": "history_guidance=2",
    "cfg 1": "cfg=1",
    "cfg 3": "cfg=3",
    "correct colour": "correct=colour",
    "no clamp": "clamp=false",
    "shared noise": "noise=shared",
    "bfloat16": "dtype=bfloat16",
    "int8": "dtype=int8",
    "prune 0.1": "prune=0.1",
    "prune 0.3": "prune=0.3",
}
DEMOS = {name: preset for name, preset in SAMPLING.items() if name.endswith("-demo")}


HEAD = ("row", "identity 8 s", "identity end", "light", "sharpness", "colour", "motion", "s/s")


def main() -> None:
    """Print the table, each row as soon as it is measured."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("weights", type=Path)
    options.add_argument("--level", type=int, default=0)
    options.add_argument("--clips", type=int, default=8)
    options.add_argument("--seconds", type=float, default=30.0)
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--sampler", choices=get_args(Sampler), default=Switches().sampler)
    options.add_argument("--rows", nargs="*", default=[*CHANGES, *DEMOS])
    chosen = options.parse_args()
    plain = Switches(sampler=chosen.sampler)
    rows = {name: plain.changed(text) for name, text in CHANGES.items()} | DEMOS
    torch.set_num_threads(chosen.threads)
    network, _ = load_network(chosen.weights)
    worlds = [world(chosen.level, number) for number in range(chosen.clips)]
    fps, size = network.config.fps, network.config.size
    print(heading(HEAD), flush=True)
    truth = np.stack([one.render(0, round(chosen.seconds * fps), size, size) for one in worlds])
    print(row(["oracle", *_measured(truth, worlds, fps), "-"]), flush=True)
    for name in chosen.rows:
        wanted = [SampleRequest(one.shots, n, str(n)) for n, one in enumerate(worlds)]
        began = time.process_time()
        made = np.concatenate(list(generate(network, wanted, chosen.seconds, rows[name])), 1)
        cost = (time.process_time() - began) / chosen.seconds / len(worlds)
        print(row([name, *_measured(made, worlds, fps), f"{cost:.2f}"]), flush=True)


def _measured(clips: NDArray[np.uint8], worlds: list[World], fps: float) -> list[str]:
    second = round(fps)
    parts = (
        slice(round(8 * fps) - second // 2, round(8 * fps) + second // 2),
        slice(-second, None),
    )
    found = [
        np.mean(
            [
                share
                for clip, one in zip(clips, worlds, strict=True)
                for share in world_identity.present(clip[part], one.shots[0].cast).mean(0) > 0.5
            ]
        )
        for part in parts
    ]
    light = np.median([abs(_value(exposure_drift(clip, fps))) for clip in clips])
    sharp = np.median([_value(sharpness_drift(clip, fps)) for clip in clips])
    colour = np.median([_value(colour_drift(clip, fps)) for clip in clips])
    motion = np.mean([_value(motion_magnitude(clip, fps)) for clip in clips])
    return [
        *(f"{share:.2f}" for share in found),
        f"{light:.1f}",
        f"{sharp:+.1f}",
        f"{colour:.1f}",
        f"{motion:.3f}",
    ]


def _value(score: object) -> float:
    value = getattr(score, "value", None)
    return float("nan") if value is None else float(value)


if __name__ == "__main__":
    main()
