"""Does the same presentation give the same number, however it is encoded?

    python -m benchmarks.presentations VIDEOS [--workers 2] [--write docs/validity.md]

Takes an excerpt of real clips, writes each with its frames repeated as exports repeat them, at
three qualities of h264, and at a variable rate; scores every file by lvb-smoke and prints by how
much each score differs from the clip's own at that quality, as a share of the score's reaction
to the smallest dose of the fault that it must see (`OWN`).

A codec writes other pixels at another rate. Where a number exceeds the bar, the coded pictures of
that very file are also written without loss at the clip's own rate; the difference from those, in
brackets, is what the presentation alone adds.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from benchmarks.markdown import between
from lvbench.engine.video_pass.one_pass import score_video
from lvbench.engine.video_pass.task import tasks_from
from lvbench.engine.video_pass.tools import build_tools
from lvbench.protocol.load import load_protocol
from lvbench.results.schema import ItemRecord
from lvbench.validity.clip import Pictures as Clip
from lvbench.validity.faults import timing
from lvbench.validity.faults.catalogue import planted_array
from lvbench.validity.faults.seams import seam_regular
from lvbench.validity.presentations import shown_at
from lvbench.video.decoding.decode import open_video
from lvbench.video.frames import Products
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
_EXCERPT_SECONDS, _EXCERPT_WIDTH = 10.0, 384
OWN: dict[str, Callable[[Clip, float], Clip]] = {
    "temporal_flicker": lambda clip, fps: planted_array("flicker_global", clip, fps, 0.02),
    "freeze": lambda clip, fps: planted_array("freeze", clip, fps, 1.0, start=3.0),
    "loop": lambda clip, fps: planted_array(
        partial(timing.loop, period=1.7), clip, fps, 1.7 * fps / len(clip), start=1.0
    ),
    "seam": lambda clip, fps: planted_array(partial(seam_regular, every=1.2), clip, fps, 2.0),
    "exposure_drift": lambda clip, fps: planted_array("dark_ramp", clip, fps, 0.1),
    "sharpness_drift": lambda clip, fps: planted_array(
        "blur_ramp", clip, fps, 0.5 * 256 / _EXCERPT_WIDTH
    ),
    "colour_drift": lambda clip, fps: planted_array("warm_ramp", clip, fps, 0.05),
}
"""The smallest dose of the fault that each score must see."""
# Unit of comparison of a score without a fault: the smallest difference according to its card.
SMALLEST = {
    "flow_smoothness": 0.05, "incoherence": 0.25, "shot_cuts": 6.0,
    "vbench_temporal_flickering": 0.005,
}  # fmt: skip
CODED = ("vbench_temporal_flickering",)
"""Scores that read the frames as they are coded."""
BAR = 0.1
BEGIN, END = "<!-- presentations: begin -->", "<!-- presentations: end -->"


def presentations(rate: Fraction) -> dict[str, Fraction]:
    """Return the rates at which a clip is written, by name; none below its own."""
    multiples = {"x1.5": rate * 3 / 2, "x2": rate * 2, "x3": rate * 3}
    exports = {f"-r {r}": Fraction(r) for r in (24, 30, 60) if r > rate}
    return multiples | exports


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


def score(path: Path) -> ItemRecord:
    """Return the record of a file by lvb-smoke."""
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


@dataclass(frozen=True)
class Variant:
    """One way to write a clip.

    Attributes:
        name: As in the table.
        clip: The frames that are coded.
        times: When each is shown, in seconds.
        seconds: Length.
        steps: Which coded frame shows each step of the clip's own rate.
    """

    name: str
    clip: Clip
    times: list[Fraction]
    seconds: Fraction
    steps: Sequence[int]


def variants(clip: Clip, rate: Fraction) -> Iterator[Variant]:
    """Yield every way to write a clip."""
    n = len(clip)
    own = [Fraction(k) / rate for k in range(n)]
    end = n / rate
    yield Variant("own rate", clip, own, end, range(n))
    for name, wanted in presentations(rate).items():
        index = shown_at(n, float(rate), float(wanted)).tolist()
        times = [Fraction(k) / wanted for k in range(len(index))]
        yield Variant(name, clip[index], times, end, [index.index(k) for k in range(n)])
    shift = np.random.default_rng(0).integers(-5000, 5001, n)
    jitter = [t + Fraction(int(s), 15000) / rate for t, s in zip(own, shift, strict=True)]
    yield Variant("jittered by a third", clip, [t - min(jitter) for t in jitter], end, range(n))
    hold = round(2.5 * rate)
    times = [Fraction(k) / rate for k in range(n + hold)]
    for name, at in (("held", n // 2), ("last held", n - 1)):
        steps = np.repeat(np.arange(n), [1 + hold * (k == at) for k in range(n)]).tolist()
        late = [t + hold / rate * (k > at) for k, t in enumerate(own)]
        yield Variant(f"{name}, constant rate", clip[steps], times, end + hold / rate, range(n))
        yield Variant(f"{name}, variable rate", clip, late, end + hold / rate, steps)


def without_loss(path: Path, steps: Sequence[int], rate: Fraction, to: Path) -> Path:
    """Write coded frames of a file, by number, without loss at a constant rate."""
    import av

    with av.open(str(path)) as video, av.open(str(to), "w") as container:
        stream = container.add_stream("libx264", rate=rate, options={"qp": "0"})
        coded = video.streams.video[0]
        stream.width, stream.height, stream.pix_fmt = coded.width, coded.height, "yuv420p"
        pictures = [frame.to_ndarray() for frame in video.decode(video=0)]
        for step in steps:
            picture = av.VideoFrame.from_ndarray(pictures[step], "yuv420p")
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    return to


def reactions(clip: Clip, rate: Fraction, crf: int, folder: Path) -> dict[str, float]:
    """Return the reaction of each score to its smallest dose."""
    times = [Fraction(k) / rate for k in range(len(clip))]
    base = values(_scored(folder, clip, times, len(clip) / rate, crf))
    found = dict(SMALLEST)
    for metric, plant in OWN.items():
        planted = plant(clip, float(rate))
        ends = [Fraction(k) / rate for k in range(len(planted))]
        found_here = values(_scored(folder, planted, ends, len(planted) / rate, crf))
        one, other = found_here[metric], base[metric]
        if one is not None and other is not None and one != other:
            found[metric] = abs(one - other)
    # Motion has no fault: a tenth faster is the smallest visible change.
    for name in ("motion_magnitude", "motion_magnitude.mean"):
        found[name] = 0.1 * (base[name] or 0.0)
    return found


def _scored(
    folder: Path, clip: Clip, times: list[Fraction], seconds: Fraction, crf: int
) -> ItemRecord:
    path = folder / "clip.mp4"
    write(path, clip, times, seconds, crf)
    return score(path)


def excerpt(path: Path, start: float) -> tuple[Clip, float]:
    """Return up to ten seconds of a clip, 384 pixels wide, and its frame rate."""
    frames, times = [], []
    with open_video(path, Products(rgb=True)) as reader:
        for chunk in reader:
            assert chunk.rgb is not None
            for t, rgb in zip(chunk.pts, chunk.rgb, strict=True):
                if t >= start and len(frames) < 400:
                    height = round(_EXCERPT_WIDTH * rgb.shape[0] / rgb.shape[1] / 2) * 2
                    frames.append(
                        cv2.resize(rgb, (_EXCERPT_WIDTH, height), interpolation=cv2.INTER_AREA)
                    )
                    times.append(t)
            if times and times[-1] >= start + _EXCERPT_SECONDS:
                break
    fps = 1 / float(np.median(np.diff(times)))
    return np.stack(frames)[: round(_EXCERPT_SECONDS * fps)], fps


def one_clip(path: Path, start: float, rate: Fraction) -> list[dict[str, object]]:
    """Return a row for every encoding of a clip."""
    cv2.setNumThreads(1)
    whole, _ = excerpt(path, start)
    size = (WIDTH, round(WIDTH * whole.shape[1] / whole.shape[2] / 2) * 2)
    frames = whole[: round(SECONDS * rate)]
    small = np.stack([cv2.resize(f, size, interpolation=cv2.INTER_AREA) for f in frames])
    clip = planted_array("flicker_global", small, float(rate), FLICKER)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for crf in QUALITIES:
            doses = reactions(clip, rate, crf, Path(folder))
            against: dict[str, dict[str, float | None]] = {}
            for way in variants(clip, rate):
                record = _scored(Path(folder), way.clip, way.times, way.seconds, crf)
                against[way.name] = scores = values(record)
                if way.name == "own rate" or way.name.endswith("constant rate"):
                    continue
                base = against[way.name.replace("variable", "constant")] if "held" in way.name \
                    else against["own rate"]  # fmt: skip
                offs = {s: off(scores[s], base[s], doses.get(s)) for s in SCORES}
                apart = {}
                if any(n is not None and n > BAR for s, n in offs.items() if s not in CODED):
                    plain = without_loss(
                        Path(folder, "clip.mp4"), way.steps, rate, Path(folder, "plain.mp4")
                    )
                    own = values(score(plain))
                    apart = {s: off(scores[s], own[s], doses.get(s)) for s in SCORES}
                video = record.video
                rows.append({
                    "clip": path.stem, "rate": rate, "written": way.name, "crf": crf,
                    "distinct": video.distinct or video.frames, "frames": video.frames,
                    "off": offs, "apart": apart,
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
    """Return the Markdown table and the number of cells within the bar."""
    heads = ["clip", "written", "crf", "pictures of frames", *SCORES]
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    cells, misses = 0, list[float]()
    for row in rows:
        offs, apart = row["off"], row["apart"]
        assert isinstance(offs, dict)
        assert isinstance(apart, dict)
        counted = [s for s in SCORES if s not in CODED and offs[s] is not None]
        cells += len(counted)
        misses += [apart[s] for s in counted if offs[s] > BAR]
        shown = ["n/a" if offs[s] is None else _mark(offs[s], apart.get(s)) for s in SCORES]
        head = [row["clip"], row["written"], row["crf"], f"{row['distinct']} of {row['frames']}"]
        lines.append("| " + " | ".join(map(str, [*head, *shown])) + " |")
    codec = sum(n <= BAR for n in misses)
    summary = (
        f"{cells - len(misses)} of {cells} numbers are within {BAR} (without `vbench_*`). Of the "
        f"{len(misses)} others, {codec} are within {BAR} of the same coded pictures, written "
        "without loss at the clip's own rate: there the codec makes the difference."
    )
    return "\n".join([summary, "", *lines])


def _mark(number: float, apart: float | None) -> str:
    text = "no dose" if np.isinf(number) else f"{number:.2f}"
    if number <= BAR:
        return text
    return f"**{text}**" if apart is None else f"**{text}** ({apart:.2f})"


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
