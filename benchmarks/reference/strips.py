"""Strips of frames over time, a row for each preset: the pictures of docs/reference-model.md.

    python -m benchmarks.reference.strips WEIGHTS OUT.png [--level 0] [--seed 0] [--seconds 180]

All presets generate the same clip; the first row is the oracle's. Columns: 0, 10, 30, 60, 180 s
and times between them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.reference.gate import world
from lvbench.reference.checkpoint import load_network
from lvbench.reference.sampling.generate import SampleRequest, generate
from lvbench.reference.sampling.switches import SAMPLING

TIMES = (0.0, 0.5, 1, 2, 5, 10, 10.5, 20, 30, 30.5, 60, 60.5, 120, 179, 179.5)
LABEL = 110
ENLARGED = 2


def main() -> None:
    """Write the picture."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("weights", type=Path)
    options.add_argument("out", type=Path)
    options.add_argument("--level", type=int, default=0)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--seconds", type=float, default=180.0)
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--presets", nargs="*", default=list(SAMPLING))
    chosen = options.parse_args()
    torch.set_num_threads(chosen.threads)
    network, _ = load_network(chosen.weights)
    one = world(chosen.level, chosen.seed)
    size, fps = network.config.size, network.config.fps
    frames = sorted({round(t * fps) for t in TIMES if t < chosen.seconds})
    rows = [_row("oracle", [one.render(n, n + 1, size, size)[0] for n in frames])]
    for name in chosen.presets:
        wanted = [SampleRequest(one.shots, chosen.seed, "strip")]
        kept, count = [], 0
        for chunk in generate(network, wanted, chosen.seconds, SAMPLING[name]):
            kept += [chunk[0, n - count] for n in frames if count <= n < count + chunk.shape[1]]
            count += chunk.shape[1]
        rows.append(_row(name, kept))
    picture = np.concatenate([_times(frames, fps, size), *rows])
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(chosen.out), picture[:, :, ::-1])


def _row(name: str, frames: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    strip = np.concatenate(frames, axis=1)
    strip = np.repeat(np.repeat(strip, ENLARGED, 0), ENLARGED, 1)
    label = np.full((strip.shape[0], LABEL, 3), 255, np.uint8)
    cv2.putText(label, name, (4, strip.shape[0] // 2 + 4), 0, 0.42, (20, 20, 20), 1, cv2.LINE_AA)
    return np.concatenate([label, strip], axis=1)


def _times(frames: list[int], fps: float, size: int) -> NDArray[np.uint8]:
    side = size * ENLARGED
    bar = np.full((18, LABEL + side * len(frames), 3), 255, np.uint8)
    for place, number in enumerate(frames):
        text = f"{number / fps:g} s"
        at = (LABEL + place * side + 4, 13)
        cv2.putText(bar, text, at, 0, 0.38, (20, 20, 20), 1, cv2.LINE_AA)
    return bar


if __name__ == "__main__":
    main()
