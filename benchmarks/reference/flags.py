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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.markdown import heading, row
from benchmarks.reference.flag_measures import ELSEWHERE, measured
from lvbench.reference.checkpoint import load_network
from lvbench.reference.config import ModelPreset, preset
from lvbench.reference.training.trainer import Trainer
from lvbench.reference.weights import WEIGHTS
from lvbench.results.files import canonical_json

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
