"""Does each metric react to the fault that it claims to see, on real clips, and place it?

    python -m benchmarks.validity VIDEOS [--workers 2]

Takes an excerpt of every real clip, plants faults in three doses, encodes each version with h264
(crf 23) as a generator's output would be, judges it by lvb-smoke and prints one Markdown table a
fault: the metric's value without the fault and at each dose, and how far the event was placed
from where it was planted. `docs/validity.md` is the output of this script.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from lvbench.engine.video_pass.one_pass import score_video
from lvbench.engine.video_pass.task import tasks_from
from lvbench.engine.video_pass.tools import build_tools
from lvbench.protocol.load import load_protocol
from lvbench.results.schema import Event, ItemScore
from lvbench.validity import faults
from lvbench.validity.faults import Clip
from lvbench.video.decoding.decode import open_video
from lvbench.video.encode import write_video
from lvbench.video.frames import Products
from lvbench.video.intake import find_videos

SECONDS, WIDTH = 10.0, 384
CLIPS = {
    "big-buck-bunny-480p-30s.mp4": 0.5,
    "intel_car-detection.mp4": 16.0,
    "intel_one-by-one-person-detection.mp4": 60.0,
    "worldmark_m1_good.mp4": 0.0,
    "worldmark_m2_good.mp4": 0.0,
    "worldmark_m3_good.mp4": 0.0,
    "worldmark_m5_good.mp4": 2.0,
    "mdn_friday.mp4": 0.0,
}
"""Real clips and the second at which the excerpt starts."""

SEAM_SECONDS = 1.2


@dataclass(frozen=True)
class Fault:
    """A fault, its doses, and the metric that must see it.

    Attributes:
        metric: Metric and, after a dot, component.
        doses: In growing order, in the unit of `unit`.
        unit: What the doses are.
        plant: From clip, frames per second and dose to the faulty clip.
        planted: From clip length, frames per second and dose to the spans that must be found.
        magnitude: Whether the size of the value counts and its sign does not.
    """

    metric: str
    doses: tuple[float, float, float]
    unit: str
    plant: Callable[[Clip, float, float], Clip]
    planted: Callable[[int, float, float], list[tuple[float, float]]] | None = None
    magnitude: bool = False


FAULTS = {
    "flicker": Fault(
        "temporal_flicker", (0.02, 0.04, 0.08), "gain deviation",
        lambda clip, fps, dose: faults.flicker(clip, dose),
    ),
    "freeze": Fault(
        "freeze", (1.0, 2.0, 4.0), "seconds",
        lambda clip, fps, dose: faults.freeze(clip, round(3 * fps), round(dose * fps)),
        lambda n, fps, dose: [_span(3 * fps, dose * fps, n, fps)],
    ),
    "loop": Fault(
        "loop", (1, 2, 3), "repeats of 1.7 s",
        lambda clip, fps, dose: faults.loop(clip, round(fps), round(1.7 * fps), int(dose)),
        lambda n, fps, dose: [_span(round(fps) + round(1.7 * fps), 1.7 * fps * dose, n, fps)],
    ),
    "seam": Fault(
        "seam", (2.0, 4.0, 8.0), f"strength, every {SEAM_SECONDS:g} s",
        lambda clip, fps, dose: faults.seams(clip, round(SEAM_SECONDS * fps), dose),
        lambda n, fps, dose: [
            (k / fps, k / fps)
            for k in range(round(SEAM_SECONDS * fps), n, round(SEAM_SECONDS * fps))
        ],
    ),
    "brightness ramp": Fault(
        "exposure_drift", (-0.1, -0.2, -0.4), "gain at the end",
        lambda clip, fps, dose: faults.brightness_ramp(clip, dose),
    ),
    "blur ramp": Fault(
        "sharpness_drift", (0.5, 1.0, 2.0), "pixels at the end",
        lambda clip, fps, dose: faults.blur_ramp(clip, dose),
    ),
    "colour ramp": Fault(
        "colour_drift", (0.05, 0.1, 0.2), "gain of red at the end",
        lambda clip, fps, dose: faults.colour_ramp(clip, dose),
        magnitude=True,
    ),
}  # fmt: skip


HEADING = """\
# Validity: planted faults in real clips

Made by `make validity`: excerpts of ten seconds, 384 pixels wide, encoded with h264 crf 23 after
the fault was planted, scored by lvb-smoke. *Not placed* means that no event was found."""


def _span(first: float, length: float, n: int, fps: float) -> tuple[float, float]:
    return round(first) / fps, min(round(first + length), n - 1) / fps


def excerpt(path: Path, start: float) -> tuple[Clip, float]:
    """Return up to ten seconds of a clip, 384 pixels wide, and its frame rate."""
    frames, times = [], []
    with open_video(path, Products(rgb=True)) as reader:
        for chunk in reader:
            assert chunk.rgb is not None
            for t, rgb in zip(chunk.pts, chunk.rgb, strict=True):
                if t >= start and len(frames) < 400:
                    height = round(WIDTH * rgb.shape[0] / rgb.shape[1] / 2) * 2
                    frames.append(cv2.resize(rgb, (WIDTH, height), interpolation=cv2.INTER_AREA))
                    times.append(t)
            if times and times[-1] >= start + SECONDS:
                break
    fps = 1 / float(np.median(np.diff(times)))
    return np.stack(frames)[: round(SECONDS * fps)], fps


def judge(clip: Clip, fps: float) -> dict[str, ItemScore]:
    """Encode a clip and return what lvb-smoke says of it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        write_video(path, [clip], round(fps, 3), crf=23)
        task = tasks_from(find_videos(path).entries, Path(folder))[0]
        return score_video(task, build_tools(load_protocol("lvb-smoke"))).record.metrics


def one_clip(path: Path, start: float) -> dict[tuple[str, float], dict[str, ItemScore]]:
    """Return the scores of every version of a clip; ("none", 0) is the clip itself."""
    cv2.setNumThreads(1)
    clip, fps = excerpt(path, start)
    found = {("none", 0.0): judge(clip, fps)}
    for name, fault in FAULTS.items():
        for dose in fault.doses:
            found[name, dose] = judge(fault.plant(clip, fps, dose), fps)
    return found


def misplaced(events: list[Event], kind: str, spans: list[tuple[float, float]]) -> float | None:
    """Return the largest distance, in seconds, of a planted span's ends from the nearest event."""
    own = [e for e in events if e.kind == kind]
    if not own:
        return None
    starts, ends = min(e.start for e in own), max(e.end for e in own)
    if kind == "seam":
        return max(min(abs(e.start - start) for e in own) for start, _ in spans)
    return max(abs(starts - spans[0][0]), abs(ends - spans[-1][1]))


def main() -> None:
    """Print the tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("videos", type=Path)
    options.add_argument("--workers", type=int, default=2)
    chosen = options.parse_args()
    paths = [chosen.videos / name for name in CLIPS]
    with ProcessPoolExecutor(chosen.workers) as pool:
        results = dict(zip(CLIPS, pool.map(one_clip, paths, CLIPS.values()), strict=True))
    rates = {name: excerpt(chosen.videos / name, start) for name, start in CLIPS.items()}
    print(HEADING)
    for name, fault in FAULTS.items():
        table(name, fault, results, rates)
    side_effects(results)


def table(
    name: str,
    fault: Fault,
    results: dict[str, dict[tuple[str, float], dict[str, ItemScore]]],
    rates: dict[str, tuple[Clip, float]],
) -> None:
    """Print one fault's table."""
    print(f"\n## {name}: `{fault.metric}`\n")
    heads = [f"{dose:g}" for dose in fault.doses]
    placed = ["misplaced by (s)"] if fault.planted else []
    print(f"Doses are {fault.unit}.\n")
    print("| " + " | ".join(["clip", "without", *heads, "grows", *placed]) + " |")
    print("|---" * (6 + len(placed)) + "|")
    for clip, found in results.items():
        scores = [found["none", 0.0][fault.metric]]
        scores += [found[name, dose][fault.metric] for dose in fault.doses]
        values = [s.value for s in scores]
        cells = [s.code if v is None else f"{v:.4g}" for s, v in zip(scores, values, strict=True)]
        cells.append(grows(values))
        if fault.planted:
            frames, fps = rates[clip]
            off = [
                misplaced(s.events, fault.metric, fault.planted(len(frames), fps, dose))
                for s, dose in zip(scores[1:], fault.doses, strict=True)
            ]
            cells.append(" / ".join("*not placed*" if o is None else f"{o:.2f}" for o in off))
        print("| " + " | ".join([clip, *map(str, cells)]) + " |")


def grows(values: list[float | None]) -> str:
    """Say whether every dose moves the value further in one direction."""
    if any(v is None for v in values):
        return "no value"
    steps = np.sign(np.diff([v for v in values if v is not None]))
    return "yes" if abs(steps.sum()) == len(steps) else "no"


def side_effects(results: dict[str, dict[tuple[str, float], dict[str, ItemScore]]]) -> None:
    """Print the events that the clips without a fault show."""
    print("\n## Events in the clips without a fault\n")
    print("| clip | freeze | loop | seam | cut |")
    print("|---|---|---|---|---|")
    for clip, found in results.items():
        own = found["none", 0.0]
        counts = [
            sum(e.kind == kind for score in own.values() for e in score.events)
            for kind in ("freeze", "loop", "seam", "cut")
        ]
        print(f"| {clip} | " + " | ".join(map(str, counts)) + " |")


if __name__ == "__main__":
    main()
