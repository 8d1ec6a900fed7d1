"""How long does `lvbench compare` take, and how much memory, for runs of many long videos?

    python -m benchmarks.compare_scale [VIDEOS] [FOLDER]

Writes two runs of 1,000 videos of two minutes (40 metrics, each with four components and two
curves of 240 segments), compares them with all outputs in a process of its own, and prints seconds
and peak memory. Run it with OMP_NUM_THREADS=1.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from lvbench.results.files import canonical_json
from lvbench.results.schema import (
    ItemRecord,
    ItemScore,
    ProtocolRecord,
    RunRecord,
    Score,
    Series,
    VideoRecord,
)

METRICS, COMPONENTS, CURVES, SEGMENTS = 40, 4, 2, 240
HASH = "0f1e2d3c" * 8


def main() -> None:
    """Write the runs, compare them, print time and memory."""
    videos = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(sys.argv[2] if len(sys.argv) > 2 else scratch)
        for number, side in enumerate(("base", "head")):
            if not (folder / side / "run.json").exists():
                write_run(folder / side, videos, number)
        size = sum(file.stat().st_size for file in folder.glob("*/items/*.json"))
        started = time.monotonic()
        subprocess.run(
            [Path(sys.executable).with_name("lvbench"), "compare", folder / "base",
             folder / "head", "--files", folder / "out"],
            check=False, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        seconds = time.monotonic() - started
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{videos} videos a run, {size / 1e6:.0f} MB of item records, "
          f"{METRICS * (1 + COMPONENTS)} scores: {seconds:.1f} s "
          f"({used.ru_utime + used.ru_stime:.1f} s of processor), "
          f"peak {used.ru_maxrss / 1024:.0f} MiB")  # fmt: skip


def write_run(folder: Path, videos: int, number: int) -> None:
    """Write a run folder; videos share their prompts with the other run's."""
    (folder / "items").mkdir(parents=True)
    random = np.random.default_rng(number)
    t = (0.5 * np.arange(SEGMENTS)).tolist()
    for video in range(videos):
        item = _item(random, t, video)
        path = folder / "items" / f"{item.video.id}.json"
        path.write_text(canonical_json(item.model_dump(), indent=1), "utf-8")
    score = Score(value=0.0, ci_low=-1.0, ci_high=1.0, ci_method="boot-t1000", n_expected=videos,
                  n_scored=videos, n_failed=0, higher_is_better=False, unit="")  # fmt: skip
    keys = [f"m{m:02d}{c}" for m in range(METRICS) for c in ("", *_components())]
    record = RunRecord(
        status="complete", title=f"run {number}", signature="synthetic",
        videos={"expected": videos},
        protocol=ProtocolRecord(name="synthetic", version=1, draft=False, hash=HASH),
        scores={key: score.model_copy(update={"value": i / 7}) for i, key in enumerate(keys)},
        environment={}, timing={},
    )  # fmt: skip
    (folder / "run.json").write_text(canonical_json(record.model_dump(), indent=1), "utf-8")


def _components() -> list[str]:
    return [f".c{i}" for i in range(COMPONENTS)]


def _item(random: np.random.Generator, t: list[float], video: int) -> ItemRecord:
    metrics = {
        f"m{m:02d}": ItemScore(
            value=float(random.normal()),
            components={c[1:]: float(random.normal()) for c in _components()},
            series={
                f"s{i}": Series(t=t, y=random.normal(size=SEGMENTS).tolist()) for i in range(CURVES)
            },
        )
        for m in range(METRICS)
    }
    prompts = [{"start": 0.0, "text": f"prompt {video // 2}", "persist": []}]
    name = f"clip-{video:04d}"
    return ItemRecord(
        identity=HASH,
        video=VideoRecord(id=name, path=f"{name}.mp4", cluster=f"p{video // 2}", prompts=prompts,
                          seed=video % 2, duration=120.0),
        metrics=metrics,
    )  # fmt: skip


if __name__ == "__main__":
    main()
