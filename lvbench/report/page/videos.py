"""Prepare the videos of a run for the report: worst first, each with its curves."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from lvbench.report.figures.over_time import drawn_series
from lvbench.report.page.assets import relative_address
from lvbench.report.page.filmstrip import Filmstrip
from lvbench.report.page.timeline import Mark, Tick, curve_path, duration, events_of, marks, ticks
from lvbench.report.tables.describe import describe, series_title
from lvbench.report.tables.headlines import headlines
from lvbench.report.tables.rounding import significant
from lvbench.results.run import Run
from lvbench.results.schema import ItemRecord, Series

IRREGULARITIES = {
    "times_repaired": "A few time stamps are repeated; they were moved slightly later.",
    "recordings_joined": "The file contains several recordings, scored in their order.",
    "edited": "The file's edit list leaves out frames; only the others were scored.",
    "audio_longer": "The audio continues after the last frame; that part was not scored.",
    "interlaced": "The frames are interlaced; no metric accounts for this.",
    "non_square_pixels": "The pixels are not square; no metric accounts for this.",
    "alpha_dropped": "The frames are partly transparent; the opaque colours were scored.",
    "high_dynamic_range": "The dynamic range is high; no metric accounts for this.",
}
"""Meaning of each flag of a video's record (docs/damage.md)."""


@dataclass(frozen=True, slots=True)
class Curve:
    """One quantity of one video: its SVG path, its range, the item's score in words."""

    metric: str
    title: str
    unit: str
    path: str
    low: str
    high: str
    score: str


@dataclass(frozen=True, slots=True)
class VideoView:
    """One video in the report.

    Attributes:
        anchor: Its id in the page, from its rank and never its name.
        player: Relative address of the file, None if there is no such file.
        failure: Code and reason of a failed video, else empty.
        remarks: Irregularities of the file, and metrics without a value, with the reason.
    """

    anchor: str
    name: str
    facts: str
    seconds: float
    player: str | None
    filmstrip: Filmstrip | None
    curves: tuple[Curve, ...]
    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]
    failure: str
    remarks: tuple[str, ...]


def video_views(
    run: Run,
    strips: dict[str, Filmstrip],
    videos: Path | None = None,
    folder: Path | None = None,
) -> list[VideoView]:
    """Return the videos of a run, worst first.

    Args:
        run: The run.
        strips: Filmstrips by video id.
        videos: Folder to which the records' paths are relative; the run folder if left out.
        folder: Folder of the page; the run folder if left out.
    """
    roots = [root for root in (videos, run.folder) if root is not None]
    spans, nowhere = _spans(run.items), _applies_nowhere(run.items)
    return [
        _view(f"v{number}", item, strips.get(item.video.id), spans, nowhere,
              player_address(item, roots, folder or run.folder))
        for number, item in enumerate(worst_first(run), start=1)
    ]  # fmt: skip


def worst_first(run: Run) -> list[ItemRecord]:
    """Return the items by mean rank over the headline scores of quality.

    Failed videos come first, videos without any such score last.
    """
    total: dict[str, list[float]] = {item.video.id: [] for item in run.items}
    for headline in headlines(run):
        badness = {
            item.video.id: -value if headline.higher_is_better else value
            for item in run.items
            if (value := headline.value(item)) is not None
        }
        for name, value in badness.items():
            below = sum(other < value for other in badness.values())
            equal = sum(other == value for other in badness.values())
            total[name].append((below + 0.5 * equal) / len(badness))

    def place(item: ItemRecord) -> tuple[bool, float, str]:
        ranks = total[item.video.id]
        mean = sum(ranks) / len(ranks) if ranks else -1.0
        return item.video.status != "failed", -mean, item.video.id

    return sorted(run.items, key=place)


def player_address(item: ItemRecord, roots: Sequence[Path], folder: Path) -> str | None:
    """Return the address of the video file relative to the page, None if there is none."""
    files = (root / item.video.path for root in roots)
    # Not Path.is_file, which raises where a name is too long for a file.
    there = (file for file in files if os.path.isfile(file))  # noqa: PTH113
    return next((relative_address(file, folder) for file in there), None)


def _view(
    anchor: str,
    item: ItemRecord,
    strip: Filmstrip | None,
    spans: dict[str, float],
    nowhere: set[str],
    player: str | None,
) -> VideoView:
    seconds = duration(item)
    constants = _constants(item)
    failed = item.video.status == "failed"
    remarks = _irregularities(item)
    remarks += [
        f"{describe(metric).metric_title}: {s.status.replace('_', ' ')} ({s.code})"
        + (f": {s.detail}" if s.detail else "")
        for metric, s in sorted(item.metrics.items(), key=lambda pair: describe(pair[0]).order)
        if s.status != "ok" and metric not in nowhere
    ]
    remarks += [f"Constant: {', '.join(constants)}"] if constants else []
    return VideoView(
        anchor=anchor, name=item.video.id, facts=_facts(item), seconds=seconds, player=player,
        filmstrip=strip, curves=tuple(_curves(item, seconds, spans)),
        marks=tuple(marks(events_of(item), seconds)), ticks=tuple(ticks(seconds)),
        failure=f"({item.video.code}) {item.video.detail or ''}" if failed else "",
        remarks=() if failed else tuple(remarks),
    )  # fmt: skip


def _irregularities(item: ItemRecord) -> list[str]:
    longer = item.video.audio_longer
    found = [IRREGULARITIES.get(flag, flag) for flag in item.video.flags]
    return [
        text if longer is None else text.replace("continues", f"continues for {longer:.1f} s")
        for text in found
    ]


def _applies_nowhere(items: Sequence[ItemRecord]) -> set[str]:
    """Return the metrics that apply to no video, for one reason, which the table gives."""
    outcomes: dict[str, set[tuple[str, str | None]]] = {}
    valid = [item for item in items if item.video.status == "ok"]
    for item in valid:
        for metric, score in item.metrics.items():
            outcomes.setdefault(metric, set()).add((score.status, score.code))
    return {
        metric
        for metric, found in outcomes.items()
        if len(valid) > 1 and len(found) == 1 and next(iter(found))[0] == "not_applicable"
    }


def _drawn(item: ItemRecord) -> list[tuple[str, str, str, Series]]:
    """Return metric, series name, unit and series of every curve of a video, in table order."""
    found = []
    for metric, score in sorted(item.metrics.items(), key=lambda pair: describe(pair[0]).order):
        drawn = drawn_series(metric, score.series)
        if drawn is not None:
            found.append((metric, *drawn, score.series[drawn[0]]))
    return found


def _spans(items: Sequence[ItemRecord]) -> dict[str, float]:
    """Return the median height of each metric's curve, so that small changes look small."""
    heights: dict[str, list[float]] = {}
    for item in items:
        for metric, _, _, series in _drawn(item):
            heights.setdefault(metric, []).append(max(series.y) - min(series.y))
    return {metric: median(values) for metric, values in heights.items()}


def _curves(item: ItemRecord, seconds: float, spans: dict[str, float]) -> list[Curve]:
    curves = []
    drawn = _drawn(item)
    names = Counter(name for _, name, _, _ in drawn)
    for metric, name, unit, series in drawn:
        if _is_constant(series):
            continue
        value = item.metrics[metric].value
        score = "" if value is None else f"{describe(metric).metric_title} {significant(value)}"
        title = series_title(metric, name, alone=names[name] == 1)
        path = curve_path(series, seconds, spans[metric])
        low, high = significant(min(series.y)), significant(max(series.y))
        curves.append(Curve(metric, title, unit, path, low, high, score))
    return curves


def _constants(item: ItemRecord) -> list[str]:
    """Return the series that never change, in words instead of a flat line."""
    return [
        f"{series_title(metric, name)} {significant(series.y[0])}{f' {unit}' if unit else ''}"
        for metric, name, unit, series in _drawn(item)
        if _is_constant(series)
    ]


def _is_constant(series: Series) -> bool:
    return min(series.y) == max(series.y)


def _facts(item: ItemRecord) -> str:
    video = item.video
    size = f"{video.width}×{video.height}" if video.width and video.height else ""
    known = (
        f"{video.duration:.1f} s" if video.duration else "",
        size,
        f"{video.fps:.4g} fps" if video.fps else "",
        video.codec or "",
        video.generator or "",
        f"seed {video.seed}" if video.seed is not None else "",
    )
    return " · ".join(part for part in known if part)
