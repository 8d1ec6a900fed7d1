"""Distance (`world_fvd`) of a clip that repeats one frame from the world.

    python -m benchmarks.reference.mean_frame [--runs runs/mean-frame]

For each prompt of lvb-world, two clips of its length: the mean frame of the world's own clip,
repeated, and the clip's first frame, repeated. Prints `world_fvd` of both with its 95 % interval:
the baseline of the reference model.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lvbench.engine.evaluate import evaluate
from lvbench.generators.baselines.oracle import world_of
from lvbench.generators.contract.requests import requests
from lvbench.protocol.load import load_protocol, protocols_folder
from lvbench.video.encode import write_video

WORLD, DISTANCE, ENCODER = "lvb-world", "world_fvd", "world_video"
SIZE, FPS = 48, 8.0  # those of the model's clips


def main() -> None:
    """Write the clips, score them, print both distances."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=Path, default=Path("runs/mean-frame"))
    folder = options.parse_args().runs
    whole = load_protocol(WORLD)
    assert whole.real is not None
    assert whole.prompts is not None
    alone = {
        "name": "mean-frame",
        "draft": True,
        "prompts": None,
        "metrics": [metric for metric in whole.metrics if metric.name == DISTANCE],
        "extractors": {ENCODER: whole.extractors[ENCODER]},
        "gates": [],
        "real": whole.real.model_copy(update={"file": str(protocols_folder() / whole.real.file)}),
    }
    for request in requests(whole.prompts):
        frames = round(request.seconds * FPS)
        clip = world_of(request).render(0, frames, SIZE, SIZE)
        mean = np.rint(clip.mean(0, dtype=np.float64)).astype(np.uint8)
        _hold(folder / "mean" / f"{request.id}.mkv", mean, frames)
        _hold(folder / "first" / f"{request.id}.mkv", clip[0], frames)
    for name in ("mean", "first"):
        protocol = whole.model_copy(update=alone)
        run = evaluate(folder / name, out=folder / f"run-{name}", protocol=protocol, workers=2)
        score = run.scores[DISTANCE]
        print(f"{name} frame repeated: {score.value:.1f} [{score.ci_low:.1f}, {score.ci_high:.1f}]")


def _hold(path: Path, frame: NDArray[np.uint8], frames: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_video(path, [np.repeat(frame[None], frames, 0)], FPS, lossless=True)


if __name__ == "__main__":
    main()
