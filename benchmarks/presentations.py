"""Does the same presentation give the same number, however it is encoded?

    python -m benchmarks.presentations VIDEOS [--workers 2] [--write docs/validity.md]

Takes excerpts of real clips and writes each with its frames repeated as by exports, at three
qualities of h264, and at a variable rate; scores every file by lvb-smoke and prints the difference
of each score from the original's at that quality, as a share of the score's reaction to the
smallest dose of its fault (`benchmarks/validity.py`).
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from benchmarks.markdown import between
from benchmarks.validity import FAULTS, Clip, excerpt
from lvbench.engine.video_pass.one_pass import score_video
from lvbench.engine.video_pass.task import tasks_from
from lvbench.engine.video_pass.tools import build_tools
from lvbench.protocol.load import load_protocol
from lvbench.results.schema import ItemRecord
from lvbench.validity import faults
from lvbench.video.intake import find_videos

SECONDS, WIDTH = 6, 256
FLICKER = 0.02  # Planted in every clip: without flicker, most of its scores are always 0.
CLIPS = {
    "worldmark_m1_bad.mp4": (4.0, 16),
    "big-buck-bunny-480p-30s.mp4": (0.5, 24),
    "worldmark_m3_good.mp4": (0.0, 12),
}
"""Real clips, the second at which the excerpt starts, and their rate in Hz."""
QUALITIES = (0, 18, 28)
SCORES = (
    "exposure_drift", "colour_drift", "sharpness_drift", "temporal_flicker", "flow_smoothness",
    "motion_magnitude", "motion_magnitude.mean", "freeze", "loop", "incoherence", "shot_cuts",
    "seam", "vbench_temporal_flickering",
)  # fmt: skip
# Unit of comparison of a score without a fault in the validity table: the smallest difference
# according to its card.
SMALLEST = {
    "flow_smoothness": 0.05, "incoherence": 0.25, "shot_cuts": 6.0,
    "vbench_temporal_flickering": 0.005,
}  # fmt: skip
BAR = 0.1
BEGIN, END = "<!-- presentations: begin -->", "<!-- presentations: end -->"


def presentations(rate: Fraction) -> dict[str, Fraction]:
    """Return the rates at which a clip is written, by name; none below its own."""
    multiples = {"x1.5": rate * 3 / 2, "x2": rate * 2, "x3": rate * 3}
    exports = {f"-r {r}": Fraction(r) for r in (24, 30, 60) if r > rate}
    return multiples | exports


def shown_at(count: int, rate: Fraction, wanted: Fraction) -> list[int]:
    """Return the source frame of each frame at another rate: the nearest, as by FFmpeg's `-r`."""
    return [min(count - 1, int(n * rate / wanted + Fraction(1, 2))) for n in
            range(int(count * wanted / rate))]  # fmt: skip


def write(path: Path, clip: Clip, times: list[Fraction], seconds: Fraction, crf: int) -> None:
    """Write frames at these times, in seconds, with h264; the last is displayed until `seconds`."""
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = clip.shape[2], clip.shape[1], "yuv420p"
        # Without B-frames MP4 stores the duration of the last displayed frame.
        frames = "0" if seconds > 1.2 * len(times) * (times[1] - times[0]) else "3"
        stream.options = {"crf": str(crf), "threads": "1", "bf": frames}
        stream.time_base = stream.codec_context.time_base = Fraction(1, 12000)
        ends = [*times[1:], seconds]
        for rgb, time, end in zip(clip, times, ends, strict=True):
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24")
            frame.pts, frame.time_base = round(time * 12000), Fraction(1, 12000)
            frame.duration = round((end - time) * 12000)
            container.mux(stream.encode(frame))
        for packet in stream.encode():
            if packet.pts is not None and packet.pts == round(times[-1] * 12000):
                packet.duration = round((seconds - times[-1]) * 12000)
            container.mux(packet)


def scored(path: Path) -> ItemRecord:
    """Return the scores of a file by lvb-smoke."""
    task = tasks_from(find_videos(path).entries, path.parent)[0]
    return score_video(task, build_tools(load_protocol("lvb-smoke"))).record


def values(record: ItemRecord) -> dict[str, float | None]:
    """Return the scores of the table."""
    found: dict[str, float | None] = {}
    for name in SCORES:
        metric, _, part = name.partition(".")
        score = record.metrics[metric]
        found[name] = score.components.get(part) if part else score.value
    return found


def variants(clip: Clip, rate: Fraction) -> Iterator[tuple[str, Clip, list[Fraction], Fraction]]:
    """Yield name, frames, times and length in seconds of every encoding of a clip."""
    n = len(clip)
    own = [Fraction(k) / rate for k in range(n)]
    end = n / rate
    yield "own rate", clip, own, end
    for name, wanted in presentations(rate).items():
        index = shown_at(n, rate, wanted)
        yield name, clip[index], [Fraction(k) / wanted for k in range(len(index))], end
    shift = np.random.default_rng(0).integers(-5000, 5001, n)
    jitter = [t + Fraction(int(s), 15000) / rate for t, s in zip(own, shift, strict=True)]
    yield "jittered by a third", clip, [t - min(jitter) for t in jitter], end
    hold = round(2.5 * rate)
    held = np.repeat(clip, [1 + hold * (k == n // 2) for k in range(n)], axis=0)
    times = [Fraction(k) / rate for k in range(n + hold)]
    yield "held, constant rate", held, times, end + hold / rate
    late = [t + hold / rate * (k > n // 2) for k, t in enumerate(own)]
    yield "held, variable rate", clip, late, end + hold / rate
    last = np.concatenate([clip, np.repeat(clip[-1:], hold, axis=0)])
    yield "last held, constant rate", last, times, end + hold / rate
    yield "last held, variable rate", clip, own, end + hold / rate


def reactions(clip: Clip, rate: Fraction, crf: int, folder: Path) -> dict[str, float]:
    """Return the reaction of each score to its smallest dose."""
    times = [Fraction(k) / rate for k in range(len(clip))]
    base = values(_written_and_scored(folder, clip, times, len(clip) / rate, crf))
    found = dict(SMALLEST)
    for fault in FAULTS.values():
        if fault.metric == "seam":
            planted = faults.seams(clip, round(1.2 * rate), fault.doses[0])
        else:
            planted = fault.plant(clip, float(rate), fault.doses[0])
        ends = [Fraction(k) / rate for k in range(len(planted))]
        score = values(_written_and_scored(folder, planted, ends, len(planted) / rate, crf))
        one, other = score[fault.metric], base[fault.metric]
        if one is not None and other is not None and one != other:
            found[fault.metric] = abs(one - other)
    # Motion has no fault: a tenth faster is the smallest visible change.
    for name in ("motion_magnitude", "motion_magnitude.mean"):
        found[name] = 0.1 * (base[name] or 0.0)
    return found


def _written_and_scored(
    folder: Path, clip: Clip, times: list[Fraction], seconds: Fraction, crf: int
) -> ItemRecord:
    path = folder / "clip.mp4"
    write(path, clip, times, seconds, crf)
    return scored(path)


def one_clip(path: Path, start: float, rate: Fraction) -> list[dict[str, object]]:
    """Return a row for every encoding of a clip."""
    cv2.setNumThreads(1)
    whole, _ = excerpt(path, start)
    size = (WIDTH, round(WIDTH * whole.shape[1] / whole.shape[2] / 2) * 2)
    frames = whole[: round(SECONDS * rate)]
    small = np.stack([cv2.resize(f, size, interpolation=cv2.INTER_AREA) for f in frames])
    clip = faults.flicker(small, FLICKER)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for crf in QUALITIES:
            doses = reactions(clip, rate, crf, Path(folder))
            against = {}
            for name, shown, times, seconds in variants(clip, rate):
                record = _written_and_scored(Path(folder), shown, times, seconds, crf)
                scores = values(record)
                against[name] = scores
                base = {
                    "held, variable rate": "held, constant rate",
                    "last held, variable rate": "last held, constant rate",
                }.get(name, "own rate")
                if name in ("own rate", "held, constant rate", "last held, constant rate"):
                    continue
                video = record.video
                rows.append({
                    "clip": path.stem, "rate": rate, "written": name, "crf": crf,
                    "distinct": video.distinct or video.frames, "frames": video.frames,
                    "off": {s: off(scores[s], against[base][s], doses.get(s)) for s in SCORES},
                })  # fmt: skip
    return rows


def off(value: float | None, base: float | None, dose: float | None) -> float | None:
    """Return a difference as a share of the reaction to the smallest dose."""
    if value is None or base is None:
        return None if value is base else np.inf
    if value == base:
        return 0.0
    return abs(value - base) / dose if dose else np.inf


def table(rows: list[dict[str, object]]) -> str:
    """Return the Markdown table, with the number of cells within the bar."""
    names = [s for s in SCORES if s != "vbench_temporal_flickering"]
    heads = ["clip", "written", "crf", "pictures of frames", *SCORES]
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    cells = within = 0
    for row in rows:
        offs = row["off"]
        assert isinstance(offs, dict)
        numbers = [offs[s] for s in names if offs[s] is not None]
        cells += len(numbers)
        within += sum(n <= BAR for n in numbers)
        shown = ["n/a" if offs[s] is None else _mark(offs[s]) for s in SCORES]
        head = [row["clip"], row["written"], row["crf"], f"{row['distinct']} of {row['frames']}"]
        lines.append("| " + " | ".join(map(str, [*head, *shown])) + " |")
    summary = f"{within} of {cells} numbers are within {BAR} (without `vbench_*`)."
    return "\n".join([summary, "", *lines])


def _mark(number: float) -> str:
    text = "no dose" if np.isinf(number) else f"{number:.2f}"
    return text if number <= BAR else f"**{text}**"


def main() -> None:
    """Print the table, or write it between its markers in a page."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("videos", type=Path)
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--write", type=Path)
    options.add_argument("--clips", nargs="*", default=list(CLIPS))
    chosen = options.parse_args()
    paths = [chosen.videos / name for name in chosen.clips]
    starts = [CLIPS[name][0] for name in chosen.clips]
    rates = [Fraction(CLIPS[name][1]) for name in chosen.clips]
    with ProcessPoolExecutor(chosen.workers) as pool:
        rows = [row for rows in pool.map(one_clip, paths, starts, rates) for row in rows]
    text = table(rows)
    if chosen.write is None:
        print(text)
        return
    chosen.write.write_text(between(chosen.write.read_text("utf-8"), BEGIN, END, text), "utf-8")


if __name__ == "__main__":
    main()
