"""Cost of a frame: decoding, evaluation and its stages, compared with the bare parts.

    python -m benchmarks.throughput [--protocol lvb-smoke] [--weights DIR] [--seconds 20]

Renders a 720p30 h264 clip (or takes `--clip`), times each bare part alone (the decoder with the
products requested by the protocol, single calls of OpenCV and numpy, each network with its batch
size), then the complete protocol in a worker process, as a user runs it, and once more with a
timer on every stage. Times are processor time: user and system, all threads. The result is the
ratio of the complete protocol to the sum of its parts.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.clips import rendered
from benchmarks.networks import network_parts, shares
from lvbench.engine.evaluate import evaluate
from lvbench.engine.video_pass.one_pass import score_video
from lvbench.engine.video_pass.task import find_tasks
from lvbench.engine.video_pass.tools import Setting, Tools, build_tools
from lvbench.features.network import NetworkExtractor
from lvbench.memory import peak_memory
from lvbench.protocol.load import load_protocol
from lvbench.video.decoding.decode import open_video
from lvbench.video.frames import Frames, Products

Part = Callable[[], Any]
WHOLE = "complete protocol, in a worker"


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=20.0)
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--protocol", default="lvb-smoke")
    options.add_argument("--weights", type=Path)
    options.add_argument("--clip", type=Path, help="a clip of your own instead of the rendered one")
    options.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()) / "lvbench")
    chosen = options.parse_args()
    cv2.setNumThreads(1)
    clip = chosen.clip or rendered(chosen.scratch, chosen.seconds, 1280, 720)
    setting = Setting(weights=None if chosen.weights is None else str(chosen.weights))
    tools = build_tools(load_protocol(chosen.protocol), setting)
    parts = bare_parts(clip, tools.products)
    networks = network_parts(clip, tools)
    parts |= {f"network {name}": network.run for name, network in networks.items()}
    with open_video(clip, Products(luma=True)) as reader:
        frames = sum(len(chunk) for chunk in reader)
    spent: dict[str, list[float]] = {name: [] for name in [*parts, WHOLE]}
    walls = []
    for _ in range(chosen.repeats):
        # In turn, so that a slow minute of the machine affects all parts equally.
        for name, part in parts.items():
            spent[name].append(_cpu(part) / frames)
        cpu, wall, worker_peak = whole(clip, chosen.protocol, chosen.weights)
        spent[WHOLE].append(cpu / frames)
        walls.append(wall / frames)
    report(clip, chosen.protocol, frames, spent, walls, worker_peak)
    for line in shares(networks):
        print(line)
    print("stages, processor milliseconds per frame (one run, without decoding)")
    for name, seconds in stages(clip, tools).most_common():
        print(f"  {name:34} {1000 * seconds / frames:7.2f}")


def report(
    clip: Path,
    protocol: str,
    frames: int,
    spent: dict[str, list[float]],
    walls: list[float],
    worker_peak: int,
) -> None:
    """Print the measurements."""
    median = {name: 1000 * statistics.median(values) for name, values in spent.items()}
    total = sum(value for name, value in median.items() if name != WHOLE)
    print(f"{clip.name}, {frames} frames; processor milliseconds per frame (median, range)")
    for name, values in spent.items():
        low, high = 1000 * min(values), 1000 * max(values)
        print(f"  {name:34} {median[name]:7.2f}   {low:.2f} to {high:.2f}")
    print(f"  {'sum of the bare parts':34} {total:7.2f}")
    print(f"{protocol} over the sum of its parts: {median[WHOLE] / total:.2f}")
    decode = median["decode, requested products"]
    print(f"decoded:   {1000 / decode:.0f} frames per processor second")
    print(
        f"evaluated: {1000 / median[WHOLE]:.0f} frames per processor second, "
        f"{1 / statistics.median(walls):.0f} frames/s with one worker, start of processes included"
    )
    own = peak_memory()
    print(
        f"peak memory: worker {worker_peak / 1e6:.0f} MB, parent (this process) {own / 1e6:.0f} MB"
    )


def whole(clip: Path, protocol: str, weights: Path | None) -> tuple[float, float, int]:
    """Return processor seconds, wall seconds and peak memory of the worker, for one evaluation."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        run = evaluate(clip, out=folder, protocol=protocol, weights=weights, workers=1)
        wall = time.perf_counter() - started
    timing = run.record.timing
    return timing["worker_cpu_seconds"], wall, timing["worker_peak_bytes"]


def stages(clip: Path, tools: Tools) -> Counter[str]:
    """Return the processor seconds of every extractor and metric in one pass."""
    spent: Counter[str] = Counter()

    def watched(name: str, step: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            started = time.thread_time()
            try:
                return step(*arguments)
            finally:
                spent[name] += time.thread_time() - started

        return call

    for name, extractor in tools.extractors.items():
        start = extractor.start
        extractor.start = lambda fps, prompts=(), s=start, n=name: watched(
            f"extractor {n}", s(fps, prompts)
        )
        if isinstance(extractor, NetworkExtractor):
            extractor.prepare = watched(f"preparing {name}", extractor.prepare)
    for name, metric in tools.metrics.items():
        metric.update = watched(f"metric {name}", metric.update)
        metric.item = watched(f"metric {name}, at the end", metric.item)
    score_video(find_tasks(clip)[0], tools)
    return spent


def bare_parts(clip: Path, products: Products) -> dict[str, Part]:
    """Return the parts, each a function that applies one operation to every frame."""
    gray = _each(clip, Products(luma=True), _reduced)
    return {
        "decode, requested products": lambda: _decode(clip, products),
        "luma to 256 px": _over(clip, Products(luma=True), _reduced),
        "flow forward (DIS fast)": lambda: _flow(gray, backward=False),
        "flow backward (DIS fast)": lambda: _flow(gray, backward=True),
        "warps (3 a pair)": lambda: _warps(gray),
        "histogram and Laplacian of luma": _over(clip, Products(luma=True), _luma_statistics),
        "difference of full luma": _pairs(clip, Products(luma=True), "luma"),
        "difference of full RGB": _pairs(clip, Products(rgb=True), "rgb"),
        "CIELAB of small RGB": _over(clip, Products(small=256), _lab),
        "shot detection": lambda: _shots(clip),
    }


def _cpu(part: Part) -> float:
    """Return the processor seconds returned by a part, or else measured."""
    started = time.process_time()
    reported = part()
    return float(reported) if isinstance(reported, float) else time.process_time() - started


def _decode(clip: Path, products: Products) -> None:
    with open_video(clip, products) as reader:
        for _ in reader:
            pass


def _each(clip: Path, products: Products, step: Callable[[Frames], list[Any]]) -> list[Any]:
    found: list[Any] = []
    with open_video(clip, products) as reader:
        for chunk in reader:
            found += step(chunk)
    return found


def _over(clip: Path, products: Products, step: Callable[[Frames], Any]) -> Part:
    """Time `step` on every chunk, without decoding."""

    def run() -> float:
        spent = 0.0
        with open_video(clip, products) as reader:
            for chunk in reader:
                started = time.process_time()
                step(chunk)
                spent += time.process_time() - started
        return spent

    return run


def _pairs(clip: Path, products: Products, product: str) -> Part:
    last: list[Any] = []

    def step(chunk: Frames) -> None:
        for frame in getattr(chunk, product):
            if last:
                cv2.norm(cv2.absdiff(last.pop(), frame), cv2.NORM_L1)
            last.append(frame)

    def run() -> Any:
        last.clear()
        return _over(clip, products, step)()

    return run


def _reduced(chunk: Frames) -> list[Any]:
    assert chunk.luma is not None
    height, width = chunk.luma.shape[1:]
    size = (256, round(256 * height / width))
    return [cv2.resize(frame, size, interpolation=cv2.INTER_AREA) for frame in chunk.luma]


def _flow(gray: list[Any], *, backward: bool) -> None:
    solver = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    for first, second in pairwise(gray):
        solver.calc(*((second, first) if backward else (first, second)), None)


def _warps(gray: list[Any]) -> None:
    height, width = gray[0].shape
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    for frame in gray[1:]:
        for _ in range(3):
            cv2.remap(frame.astype(np.float32), x + 0.5, y, cv2.INTER_LINEAR)


def _luma_statistics(chunk: Frames) -> None:
    assert chunk.luma is not None
    for luma in chunk.luma:
        cv2.calcHist([luma], [0], None, [256], [0, 256])
        cv2.norm(cv2.Laplacian(luma, cv2.CV_16S, ksize=1), cv2.NORM_L2SQR)


def _lab(chunk: Frames) -> None:
    assert chunk.small is not None
    for rgb in chunk.small:
        cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)


def _shots(clip: Path) -> float:
    before: Any = None

    def step(chunk: Frames) -> None:
        nonlocal before
        assert chunk.small is not None
        for rgb in chunk.small:
            hsv = cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV)
            if before is not None:
                cv2.norm(hsv, before, cv2.NORM_L1)
            before = hsv

    return float(_over(clip, Products(small=256), step)())


if __name__ == "__main__":
    sys.exit(main())
