"""Effect of each training option at the size `nano`: a table of docs/reference-model.md.

    python -m benchmarks.reference.flags run OUT [--arms ...] [--seeds 0 1]
    python -m benchmarks.reference.flags table OUT

One network is trained on level 0 without the scene snow and without rings; every arm continues
from it (or from scratch) for the same number of steps and frames, and is measured on test seeds.
`run` writes a line to OUT/arms.jsonl for each arm and seed, and can be resumed; with one thread
the lines are reproducible.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.markdown import heading, row
from lvbench.features.world import world_identity
from lvbench.metrics import colour_drift, exposure_drift
from lvbench.reference.checkpoint import load_network
from lvbench.reference.config import ModelPreset, preset
from lvbench.reference.network.embedding import Prompts, prompts_of
from lvbench.reference.network.loop_net import LoopNet
from lvbench.reference.sampling.generate import SampleRequest, generate
from lvbench.reference.sampling.rollout import Rollout
from lvbench.reference.sampling.switches import Switches
from lvbench.reference.training.batches import allowed, to_frames, to_pixels
from lvbench.reference.training.trainer import Trainer
from lvbench.reference.weights import WEIGHTS
from lvbench.results.files import canonical_json
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


HELD_OUT = ("snow", "ring")
BASE_STEPS, STEPS = 750, 150
RESULTS = "arms.jsonl"
COLUMNS = {
    "frame_1": "frame 1",
    "frames_1_8": "1 to 8",
    "frames_1_32": "1 to 32",
    "new_frame_1": "new: 1",
    "new_frames_1_32": "new: 1 to 32",
    "level_1_frame_1": "level 1: 1",
    "level_1_frames_1_32": "level 1: 1 to 32",
    "light": "light",
    "colour": "colour",
    "cast_4s": "cast 4 s",
    "cast_end": "cast end",
    "cast_prompt": "cast, prompt alone",
}


@dataclass(frozen=True)
class Arm:
    """One arm of the comparison.

    Attributes:
        changes: Changes to the common recipe.
        window: Frames of a window.
        init: Whether it continues from the common network.
        elsewhere: Further test sets: `new` words, `level_1`.
    """

    changes: dict[str, Any]
    window: int = 8
    init: bool = True
    elsewhere: tuple[str, ...] = ()

    def preset(self, seed: int) -> ModelPreset:
        """Return size and recipe, with the same number of frames per step for every window."""
        recipe: dict[str, Any] = {"without": HELD_OUT, "warm_up": 20, "decay": STEPS}
        if self.init:
            recipe["learning_rate"] = 5e-4  # a quarter of the peak, as for fine-tuning
        recipe |= {"steps": STEPS, "batch": 32 // self.window, "dtype": "bfloat16"}
        return preset("nano", window=self.window, seed=seed, **(recipe | self.changes))


NEW: dict[str, Any] = {"without": (), "only": HELD_OUT}
ARMS = {
    "plain": Arm({}, elsewhere=ELSEWHERE),
    "self_rollout 0.4": Arm({"self_rollout": 0.4}),
    "images 0.3": Arm({"images": 0.3}),
    "mirror": Arm({"augment": ("mirror",)}),
    "hue": Arm({"augment": ("hue",)}),
    "speed": Arm({"augment": ("speed",)}),
    "all three": Arm({"augment": ("mirror", "hue", "speed")}),
    "window 4": Arm({}, window=4),
    "window 16": Arm({}, window=16),
    "new words, init": Arm(NEW, elsewhere=("new",)),
    "new words, scratch": Arm(NEW, init=False, elsewhere=("new",)),
    "new and old words, init": Arm({"without": ()}, elsewhere=("new",)),
    "level 1, init": Arm({"levels": (1,)}, elsewhere=("level_1",)),
    "level 1, scratch": Arm({"levels": (1,)}, init=False, elsewhere=("level_1",)),
}


def main() -> None:
    """Run the arms, or print their table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("what", choices=["run", "table"])
    options.add_argument("out", type=Path)
    options.add_argument("--arms", nargs="*", default=list(ARMS))
    options.add_argument("--seeds", type=int, nargs="*", default=[0, 1])
    chosen = options.parse_args()
    if chosen.what == "table":
        _print_table(_lines(chosen.out))
        return
    torch.set_num_threads(1)
    base = _base(chosen.out)
    for seed in chosen.seeds:
        for name in chosen.arms:
            _run(chosen.out, base, name, seed)


def _base(out: Path) -> Path:
    """Train and measure the common network of the arms."""
    recipe = Arm({"steps": BASE_STEPS, "decay": 0}, init=False).preset(0)
    Trainer(recipe, out / "base").run(every=250, keep=250)
    _measure(out, out / "base" / WEIGHTS, "base", 0, ELSEWHERE)
    return out / "base" / WEIGHTS


def _run(out: Path, base: Path, name: str, seed: int) -> None:
    arm = ARMS[name]
    folder = out / f"{name} {seed}".replace(" ", "-").replace(",", "")
    if (name, seed) in _lines(out):
        return
    # The seed of an arm differs from that of the common network.
    trainer = Trainer(arm.preset(seed + 1), folder, base if arm.init else None)
    trainer.run(every=STEPS, keep=STEPS)
    _measure(out, folder / WEIGHTS, name, seed, arm.elsewhere)


def _measure(out: Path, weights: Path, name: str, seed: int, elsewhere: tuple[str, ...]) -> None:
    if (name, seed) in _lines(out):
        return
    found = measured(load_network(weights)[0], HELD_OUT, elsewhere)
    line = {"arm": name, "seed": seed, **{key: round(value, 4) for key, value in found.items()}}
    with (out / RESULTS).open("a", encoding="utf-8") as file:
        file.write(canonical_json(line) + "\n")


def _lines(out: Path) -> dict[tuple[str, int], dict[str, Any]]:
    path = out / RESULTS
    text = path.read_text("utf-8").splitlines() if path.exists() else []
    found = [json.loads(line) for line in text]
    return {(line["arm"], line["seed"]): line for line in found}


def _print_table(lines: dict[tuple[str, int], dict[str, Any]]) -> None:
    """Print the mean and, for several seeds, half their range."""
    print(heading(["arm", "seeds", *COLUMNS.values()]))
    for name in dict.fromkeys(name for name, _ in lines):
        own = [line for (other, _), line in lines.items() if other == name]
        cells = [_cell([line[key] for line in own if key in line]) for key in COLUMNS]
        print(row([name, str(len(own)), *cells]))


def _cell(values: list[float]) -> str:
    if not values:
        return ""
    spread = f" ±{np.ptp(values) / 2:.3f}" if len(values) > 1 else ""
    return f"{np.mean(values):.3f}{spread}"


if __name__ == "__main__":
    main()
