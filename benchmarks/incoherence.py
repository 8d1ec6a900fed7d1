"""The table of real clips in metrics/incoherence.md: what the metric must and must not react to.

    python -m benchmarks.incoherence VIDEOS

The first 160 frames of each clip at 256 px on the long side, as they are and changed.
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
from lvbench.metrics import incoherence
from lvbench.results.schema import ItemScore

CLIPS = (
    "worldmark_m1_good", "worldmark_m2_bad", "worldmark_m5_bad", "worldmark_m5_good",
    "intel_car-detection", "big-buck-bunny-480p-30s", "mdn_friday", "ltx2_with_audio",
)  # fmt: skip
FRAMES, LONG_SIDE = 160, 256

Frames = NDArray[np.uint8]


def main(videos: Path) -> None:
    """Print the table, a clip as soon as it is measured."""
    heads = ("plain", "step 2", "step 4", "shuffled", "grain 10", "grain 25")
    print(heading(["clip", *heads, "flashes", "dark", "dark, grain 2"]))
    for name in CLIPS:
        frames, fps = _read(videos / f"{name}.mp4")
        cells = [_cell(incoherence(clip, rate)) for clip, rate in _changed(frames, fps)]
        print(row([name, *cells]), flush=True)


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
    """Yield a clip with its rate, plain and changed, in the order of the columns."""
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
    main(Path(sys.argv[1]))
