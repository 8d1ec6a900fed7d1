"""Cost of a pair of 720p frames: PSNR, SSIM and MS-SSIM, and VMAF compared with bare libvmaf.

    python -m benchmarks.pair [--seconds 10] [--repeats 3]

Renders a 720p30 clip, encodes it at high and at low quality, and compares the two. Processor time
is user and system, all threads, including the ffmpeg program; frames per second on two cores are
derived from it, and wall time is given as well. Start-up of Python and of the program is included
except in the first row of each.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.clips import rendered
from lvbench.engine.pair import score_pair
from lvbench.features.paired.libvmaf_program import ffmpeg
from lvbench.video.decoding.decode import open_video
from lvbench.video.decoding.paired import PairedReader
from lvbench.video.encode import write_video
from lvbench.video.frames import Products

Part = Callable[[], Any]
PLANES = Products(planes=True)


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=10.0)
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()) / "lvbench")
    chosen = options.parse_args()
    cv2.setNumThreads(1)
    real = rendered(chosen.scratch, chosen.seconds, 1280, 720)
    video = degraded(real)
    frames = sum(1 for _ in _planes(real))
    parts: dict[str, Part] = {
        "decode both, planes as coded": lambda: _lockstep(real, video),
        "pair: psnr": lambda: score_pair(real, video, metrics=["psnr"]),
        "pair: psnr, ssim, ms_ssim": lambda: score_pair(
            real, video, metrics=["psnr", "ssim", "ms_ssim"]
        ),
        "pair: vmaf": lambda: score_pair(real, video, metrics=["vmaf"]),
        "bare libvmaf, decoding itself": lambda: bare(real, video),
    }
    cpu: dict[str, list[float]] = {name: [] for name in parts}
    wall: dict[str, list[float]] = {name: [] for name in parts}
    for _ in range(chosen.repeats):
        # In turn, so that a slow minute of the machine affects all parts equally.
        for name, part in parts.items():
            spent, passed = timed(part)
            cpu[name].append(spent / frames)
            wall[name].append(passed / frames)
    report(frames, cpu, wall)
    print(f"naive SSIM, one frame: {1000 * naive(real, video):.0f} ms")


def report(frames: int, cpu: dict[str, list[float]], wall: dict[str, list[float]]) -> None:
    """Print the measurements, and the ratio to bare libvmaf in the same round."""
    print(f"720p, {frames} frames, load {os.getloadavg()[0]:.1f}; median (range)")
    for name, spent in cpu.items():
        median = statistics.median(spent)
        print(
            f"  {name:32} {1000 * median:6.2f} ms of processor a frame "
            f"({1000 * min(spent):.2f} to {1000 * max(spent):.2f}): {2 / median:5.0f} frames/s on "
            f"two cores; clock: {1 / statistics.median(wall[name]):5.0f} frames/s"
        )
    ours, bare_one = cpu["pair: vmaf"], cpu["bare libvmaf, decoding itself"]
    ratios = [b / a for a, b in zip(ours, bare_one, strict=True)]
    clock = [
        b / a
        for a, b in zip(wall["pair: vmaf"], wall["bare libvmaf, decoding itself"], strict=True)
    ]
    print(
        f"vmaf, speed over libvmaf's: processor {statistics.median(ratios):.2f} "
        f"({min(ratios):.2f} to {max(ratios):.2f}), clock {statistics.median(clock):.2f} "
        f"({min(clock):.2f} to {max(clock):.2f})"
    )


def timed(part: Part) -> tuple[float, float]:
    """Return processor seconds, child processes' included, and seconds by the clock."""
    before, started = _processor(), time.perf_counter()
    part()
    return _processor() - before, time.perf_counter() - started


def bare(real: Path, video: Path) -> None:
    """Decode and score both files with the ffmpeg program alone."""
    graph = f"libvmaf=n_threads={len(os.sched_getaffinity(0))}"
    command = [ffmpeg(), "-nostdin", "-loglevel", "error", "-i", str(video), "-i", str(real)]
    subprocess.run([*command, "-lavfi", graph, "-f", "null", "-"], check=True)


def naive(real: Path, video: Path) -> float:
    """Return the seconds of one SSIM at full size in plain numpy."""
    x, y = (next(_planes(path)).astype(np.float64) for path in (real, video))
    window = np.exp(-(np.arange(-5, 6) ** 2) / 4.5)
    window /= window.sum()

    def blurred(plane: NDArray[np.float64]) -> NDArray[np.float64]:
        rows = sum(w * plane[i : plane.shape[0] - 10 + i] for i, w in enumerate(window))
        return sum(w * rows[:, i : rows.shape[1] - 10 + i] for i, w in enumerate(window))

    started = time.perf_counter()
    a, b = blurred(x), blurred(y)
    both = blurred(x * y) - a * b
    spread = blurred(x * x) - a * a + blurred(y * y) - b * b
    c1, c2 = 2.55**2, 7.65**2
    np.mean((2 * a * b + c1) * (2 * both + c2) / ((a * a + b * b + c1) * (spread + c2)))
    return time.perf_counter() - started


def degraded(real: Path) -> Path:
    """Return the same clip encoded at low quality."""
    path = real.with_name(f"{real.stem}-crf38.mp4")
    if not path.exists():
        with open_video(real, Products(rgb=True)) as reader:
            write_video(path, (c.rgb for c in reader if c.rgb is not None), 30.0, crf=38)
    return path


def _planes(path: Path) -> Iterator[NDArray[Any]]:
    with open_video(path, PLANES) as reader:
        for chunk in reader:
            assert chunk.planes is not None
            yield from chunk.planes.y


def _lockstep(real: Path, video: Path) -> None:
    with open_video(video, PLANES) as ours, open_video(real, PLANES) as theirs:
        for _ in PairedReader(ours, theirs):
            pass


def _processor() -> float:
    own, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


if __name__ == "__main__":
    sys.exit(main())
