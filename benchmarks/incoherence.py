"""Measure the reactions of `incoherence` in metrics/motion/incoherence.md.

    python -m benchmarks.incoherence VIDEOS
    python -m benchmarks.incoherence world

The first 160 frames of each real clip at 256 px on the long side, unchanged and modified; or the
clips of lvb-world's prompts from the world's renderer, and the first eight with its faults: the
largest value over the prompts, and the largest residual.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.markdown import heading, row
from lvbench.generators.baselines.degraded_oracle import DegradedOracle
from lvbench.generators.baselines.oracle import Oracle
from lvbench.generators.contract.base import Request
from lvbench.generators.contract.requests import requests
from lvbench.metrics import incoherence
from lvbench.protocol.load import load_protocol
from lvbench.results.schema import ItemScore

CLIPS = (
    "worldmark_m1_good", "worldmark_m2_bad", "worldmark_m5_bad", "worldmark_m5_good",
    "intel_car-detection", "big-buck-bunny-480p-30s", "mdn_friday", "ltx2_with_audio",
)  # fmt: skip
FRAMES, LONG_SIDE = 160, 256
FAULTS = (
    "exposure=-0.9", "colour=0.6", "blur=8", "flicker=0.1", "swap=3", "forget=3", "freeze=10",
    "seam=10", "seam=40", "loop=2", "flicker=0.3", "flicker=0.6",
)  # fmt: skip
FAULTY_PROMPTS = 8

Frames = NDArray[np.uint8]


def main(videos: Path) -> None:
    """Print the table, each clip as soon as it is measured."""
    heads = ("plain", "step 2", "step 4", "shuffled", "grain 10", "grain 25")
    print(heading(["clip", *heads, "flashes", "dark", "dark, grain 2"]))
    for name in CLIPS:
        frames, fps = _read(videos / f"{name}.mp4")
        cells = [_cell(incoherence(clip, rate)) for clip, rate in _changed(frames, fps)]
        print(row([name, *cells]), flush=True)


def world() -> None:
    """Print the largest value over the world's clips, unchanged and with each fault."""
    asked = load_protocol("lvb-world").prompts
    assert asked is not None
    every = requests(asked)
    print(heading(["world's clips", "prompts", "largest value (residual)"]))
    for name, cuts in (("oracle", False), ("oracle, cuts declared", True)):
        print(row([name, str(len(every)), _largest(Oracle(), every, cuts)]), flush=True)
    some = every[:FAULTY_PROMPTS]
    for fault in FAULTS:
        print(row([fault, str(len(some)), _largest(DegradedOracle(fault), some)]), flush=True)


def _largest(generator: Oracle, asked: list[Request], cuts: bool = False) -> str:
    found = []
    for one in asked:
        clip = np.concatenate(list(generator.frames(one)))
        found.append(incoherence(clip, one.fps, cuts=one.cuts if cuts else ()))
    value = max(score.value for score in found if score.value is not None)
    return f"{value:.3f} ({max(score.components['residual'] for score in found):.3f})"


def _read(path: Path) -> tuple[Frames, float]:
    frames: list[NDArray[np.uint8]] = []
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        for frame in container.decode(stream):
            picture = frame.to_ndarray(format="rgb24")
            scale = LONG_SIDE / max(picture.shape[:2])
            size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
            frames.append(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))
            if len(frames) == FRAMES:
                break
        return np.stack(frames), float(stream.average_rate or 0)


def _changed(frames: Frames, fps: float) -> Iterator[tuple[Frames, float]]:
    """Yield a clip with its rate, unchanged and modified, in the order of the columns."""
    rng, light = np.random.default_rng(0), frames.astype(np.float32)
    flashes = light.copy()
    flashes[::24] = flashes[::24] * 3 + 60
    dark = 0.06 * light
    yield frames, fps
    yield frames[::2], fps / 2
    yield frames[::4], fps / 4
    yield frames[rng.permutation(len(frames))], fps
    for grain in (10, 25):
        yield _pixels(light + rng.normal(0, grain, light.shape)), fps
    yield _pixels(flashes), fps
    yield _pixels(dark), fps
    yield _pixels(dark + rng.normal(0, 2, dark.shape)), fps


def _pixels(values: NDArray[np.floating]) -> Frames:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def _cell(score: ItemScore) -> str:
    if score.value is None:
        return score.code or score.status
    return f"{score.value:.2f} ({score.components['residual']:.2f})"


if __name__ == "__main__":
    if sys.argv[1] == "world":
        world()
    else:
        main(Path(sys.argv[1]))
