"""Turn per-frame quantities into a series over segments of fixed length, and series into drift."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lvbench.metrics.base import ScoreInfo, VideoContext, not_applicable
from lvbench.results.schema import ItemScore, Series

MINIMUM_SEGMENTS = 10
"""Segments that drift needs (see docs/statistics.md)."""
WINDOW_SECONDS = 0.1
"""Windows of what happens within a segment: a blip of a quarter of a second fills one."""


@dataclass(frozen=True, slots=True)
class Segments:
    """A series: centre in seconds and value of every segment that contains a frame."""

    t: NDArray[np.float64]
    y: NDArray[np.float64]

    def series(self) -> Series:
        """Return the series as a record."""
        return Series(t=self.t.tolist(), y=self.y.tolist())


def segment_index(t: ArrayLike, seconds: float) -> NDArray[np.int64]:
    """Return the segment of each time; a time on a boundary belongs to the later segment."""
    # The tolerance keeps times such as 0.49999999 (30000/1001 fps) in the segment they mean.
    return np.floor(np.asarray(t, np.float64) / seconds + 1e-6).astype(np.int64)


def per_segment(t: ArrayLike, y: ArrayLike, seconds: float, *, statistic: str = "mean") -> Segments:
    """Return the mean (or median) of `y` within each segment.

    Args:
        t: Seconds, `(n,)`.
        y: Values, `(n,)`.
        seconds: Length of a segment.
        statistic: `mean` or `median`.

    A last segment with less than half the frames of the median segment is dropped: it would
    count like a full one.
    """
    values = np.asarray(y, np.float64)
    index = segment_index(t, seconds)
    if not len(index):
        return Segments(np.empty(0), np.empty(0))
    ids, starts, counts = np.unique(index, return_index=True, return_counts=True)
    if len(ids) > 1 and counts[-1] < 0.5 * np.median(counts[:-1]):
        ids, starts, counts = ids[:-1], starts[:-1], counts[:-1]
    reduce = np.median if statistic == "median" else np.mean
    y_out = [float(reduce(values[s : s + n])) for s, n in zip(starts, counts, strict=True)]
    return Segments(np.asarray((ids + 0.5) * seconds, np.float64), np.asarray(y_out))


def short_windows(t: ArrayLike, y: ArrayLike, seconds: float) -> Segments:
    """Return the means of `y` in windows of a tenth of a second, or of `seconds` if shorter."""
    return per_segment(t, y, min(WINDOW_SECONDS, seconds))


def shown_windows(t: ArrayLike, y: ArrayLike, seconds: float) -> NDArray[np.float64]:
    """Return the means of `y` over windows as of `short_windows`, by time instead of by frames.

    Every frame counts as long as it is displayed: until the next one, the last as long as the
    median one. A window's border may divide a frame, so that times which move by a little move the
    means by a little. A rest shorter than a window is dropped.

    Args:
        t: Seconds, `(n,)`, increasing, n > 1.
        y: Values, `(n,)`.
        seconds: Length of a segment.
    """
    values, length = np.asarray(y, np.float64), min(WINDOW_SECONDS, seconds)
    lasts = np.diff(np.asarray(t, np.float64))
    lasts = np.append(lasts, np.median(lasts))
    ends = np.append(0.0, np.cumsum(lasts))
    # Sums of differences from the first value: a constant stays the same to the last bit.
    total = np.append(0.0, np.cumsum(lasts * (values - values[0])))
    borders = length * np.arange(int(ends[-1] / length + 1e-6) + 1)
    return np.asarray(values[0] + np.diff(np.interp(borders, ends, total)) / length)


def drift_components(
    segments: Segments,
    prefix: str = "",
    *,
    windows: Segments | None = None,
    tolerance: float | None = None,
) -> dict[str, float]:
    """Return the drift estimates of a series by component name; none of too short a series.

    `onset` is present only where there is one, `outside` only with a tolerance.

    Args:
        segments: The series.
        prefix: Prefix of the component names.
        windows: The same quantity in windows shorter than a segment, of which `worst` and
            `outside` are computed: a blip fills few segments.
        tolerance: Size of a change that is just noticed, in the unit of the series.
    """
    from lvbench.stats.drift import drift, entire_change, outside

    if len(segments.t) < MINIMUM_SEGMENTS:
        return {}
    found = drift(segments.t, segments.y)
    parts = {
        f"{prefix}worst": found.worst if windows is None else entire_change(windows.y),
        f"{prefix}end_level": found.end_level,
        f"{prefix}slope_per_minute": found.slope_per_minute,
        f"{prefix}steady": float(found.onset is None),
    }
    if tolerance is not None:
        parts[f"{prefix}outside"] = outside((windows or segments).y, tolerance)
    if found.onset is not None:
        parts[f"{prefix}onset"] = found.onset
    return parts


def drift_infos(
    title: str,
    unit: str,
    higher_is_better: bool | None,
    prefix: str = "",
    *,
    tolerance: float | None = None,
    worst: bool = True,
) -> dict[str, ScoreInfo]:
    """Describe what `drift_components` returns for a series.

    Args:
        title: What drifts, as in a table's row.
        unit: Unit of the series.
        higher_is_better: Direction of the series; None where it has none.
        prefix: Prefix of the component names.
        tolerance: Size of a change that is just noticed, where `outside` is among them.
        worst: Whether `worst` is a component; False where it is the headline.
    """
    infos = {
        f"{prefix}end_level": ScoreInfo(
            f"{title}, end minus start", unit, higher_is_better, "median"
        ),
        f"{prefix}slope_per_minute": ScoreInfo(
            f"{title}, slope", f"{unit}/min", higher_is_better, "median"
        ),
        f"{prefix}onset": ScoreInfo(
            f"{title}, drift onset",
            "s",
            True,
            "time_to_event",
            censored_with=f"{prefix}steady",
        ),
        f"{prefix}steady": ScoreInfo(
            f"{title}, fraction without drift", "", True, "mean", (0.0, 1.0)
        ),
    }
    if worst:
        infos[f"{prefix}worst"] = ScoreInfo(
            f"{title}, change over the entire clip", unit, False, "median", (0.0, None)
        )
    if tolerance is not None:
        about = f"{title}, share of time over {tolerance:g} {unit} from the start"
        infos[f"{prefix}outside"] = ScoreInfo(about, "", False, "mean", (0.0, 1.0))
    return infos


def why_no_drift(segments: int, video: VideoContext, persists: str) -> ItemScore | None:
    """Return the score of a video whose drift is undefined, or None.

    Args:
        segments: How many segments there are.
        video: The video's context.
        persists: What must stay for a change to be drift: `light`, `style`, ...
    """
    if video.orders_change_of(persists):
        return not_applicable("ordered_change", f"the prompts do not ask that {persists} persist")
    if segments < MINIMUM_SEGMENTS:
        return not_applicable(
            "too_short",
            f"{segments} segments of {video.segment_seconds:g} s, drift needs {MINIMUM_SEGMENTS}",
        )
    return None
