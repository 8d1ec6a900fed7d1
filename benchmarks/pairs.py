"""Write docs/pairs.md: which metrics agree with the labels of AI-generated clip pairs?

    python -m benchmarks.pairs VIDEOS WEIGHTS >docs/pairs.md

Scores the pairs `NAME_good.*`, `NAME_bad.*` by lvb-open: the original files, and both of a pair
losslessly reduced to the smaller size and the lower rate. One pair per fault proves nothing, so
this is not a pass mark and nothing is tuned to it.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from lvbench.engine.evaluate import evaluate
from lvbench.report.tables.describe import describe
from lvbench.results.run import Run
from lvbench.video.decoding.decode import open_video, probe
from lvbench.video.encode import write_video
from lvbench.video.frames import Products
from lvbench.video.info import VideoInfo

PROTOCOL = "lvb-open"
LABELS = {
    "m1": "command reversal",
    "m2": "stays on the commanded axis",
    "m3": "motion stability",
    "m5": "flicker, mutation, cuts",
}
HEAD = """# Labelled pairs

Long clips from video models, in pairs that start from the same image; the authors of their
benchmark (WorldMark) marked one clip of each pair down for the named fault. `make pairs` scores
them by {protocol} and counts the scores that agree with the label. **One pair per fault proves
nothing: this is not a pass mark, and nothing was tuned to it.** A score agrees with the label (+)
if the clip that was marked down is worse in the score's direction; (−) if it is better; (=) if
both are equal; (·) if one of them has no value. Drifts without a direction count by magnitude.
"""


def main() -> None:
    """Print the page."""
    videos, weights = Path(sys.argv[1]), Path(sys.argv[2])
    pairs = found_pairs(videos)
    with tempfile.TemporaryDirectory() as scratch:
        runs = []
        for name, clips in (("given", as_given(pairs)), ("equal", equalised(pairs))):
            folder = Path(scratch) / name
            folder.mkdir()
            clips(folder)
            runs.append(evaluate(folder, out=Path(scratch) / f"run-{name}", protocol=PROTOCOL,
                                 weights=weights, device="cpu"))  # fmt: skip
        print(HEAD.format(protocol=PROTOCOL))
        print("| pair | marked down for | good, as given | bad, as given |\n|---|---|---|---|")
        for name, (good, bad) in pairs.items():
            print(f"| {name} | {LABELS.get(short(name), '')} | {facts(good)} | {facts(bad)} |")
        names = list(pairs)
        print("\n| score | " + " | ".join(f"{short(n)}" for n in names) + " | as given | "
              + " | ".join(f"{short(n)}" for n in names) + " | equalised |")  # fmt: skip
        print("|" + "---|" * (2 * len(names) + 3))
        for line in rows(runs[0], runs[1], names):
            print(line)
        print()
        missing = sorted(k for k, s in runs[0].scores.items() if s.status == "unavailable")
        kept = sorted({describe(key).record for key in missing})
        print(f"Omitted because their weights are missing: {', '.join(kept) or 'none'}.")


def found_pairs(videos: Path) -> dict[str, tuple[Path, Path]]:
    """Return good and bad of every pair by name."""
    return {
        good.stem.removesuffix("_good"): (good, good.with_name(good.name.replace("_good", "_bad")))
        for good in sorted(videos.glob("*_good.*"))
    }


def as_given(pairs: dict[str, tuple[Path, Path]]) -> Callable[[Path], None]:
    """Return a function that links the files into a folder."""

    def write(folder: Path) -> None:
        for pair in pairs.values():
            for clip in pair:
                (folder / clip.name).symlink_to(clip.resolve())

    return write


def equalised(pairs: dict[str, tuple[Path, Path]]) -> Callable[[Path], None]:
    """Return a function that writes both clips of each pair to a folder at one size and rate."""

    def write(folder: Path) -> None:
        for pair in pairs.values():
            infos = [probe(clip) for clip in pair]
            width = min(info.width for info in infos) // 2 * 2
            height = min(info.height for info in infos) // 2 * 2
            fps = min(info.fps or 24.0 for info in infos)
            for clip in pair:
                frames = resampled(clip, width, height, fps)
                write_video(folder / f"{clip.stem}.mp4", frames, fps, lossless=True)

    return write


def resampled(clip: Path, width: int, height: int, fps: float) -> Iterator[NDArray[np.uint8]]:
    """Yield a clip at another size (area) and rate (the frame displayed at each time)."""
    due = 0
    last: NDArray[np.uint8] | None = None
    with open_video(clip, Products(rgb=True)) as reader:
        for chunk in reader:
            assert chunk.rgb is not None
            for time, frame in zip(chunk.pts, chunk.rgb, strict=True):
                while last is not None and due / fps < time - 1e-6:
                    yield last[None]
                    due += 1
                last = cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA)
    if last is not None:
        yield last[None]


def rows(given: Run, equal: Run, names: list[str]) -> Iterator[str]:
    """Yield a row for every headline score with a direction."""
    for key in sorted(given.scores, key=lambda key: describe(key).order):
        about, score = describe(key), given.scores[key]
        if about.component is not None or about.of_sets or score.status == "unavailable":
            continue
        if score.higher_is_better is None:
            continue
        cells = []
        for run in (given, equal):
            signs = [side(run, key, name) for name in names]
            counted = f"{signs.count('+')} of {sum(s in '+−=' for s in signs)}"
            cells += [*signs, counted]
        yield f"| {about.title} (`{about.record}`) | " + " | ".join(cells) + " |"


def side(run: Run, key: str, pair: str) -> str:
    """Return whether a score agrees with the label of a pair."""
    about = describe(key)
    values = []
    for which in ("good", "bad"):
        (item,) = [i for i in run.items if Path(i.video.path).stem == f"{pair}_{which}"]
        score = item.metrics.get(about.record)
        if score is None or score.value is None:
            return "·"
        values.append(abs(score.value) if about.statistic == "median_absolute" else score.value)
    good, bad = values
    if good == bad:
        return "="
    return "+" if (good > bad) == run.scores[key].higher_is_better else "−"


def facts(clip: Path) -> str:
    """Return size, rate and length of a clip in words."""
    info: VideoInfo = probe(clip)
    return f"{info.width}x{info.height}, {info.fps:.4g} fps, {info.duration:.1f} s"


def short(name: str) -> str:
    """Return the last part of a pair's name."""
    return name.rpartition("_")[2]


if __name__ == "__main__":
    main()
