"""Compare an item record with one that was computed again, cell by cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.metrics.base import AnyMetric, MetricInfo
from lvbench.results.schema import Event, ItemRecord, ItemScore, Series
from lvbench.verify.finding import CellCounts, RunFinding

# `path` and `detail` name the place of the file, which differs between the two passes.
_FACTS = (
    "status", "code", "sha256", "width", "height", "fps", "frames", "duration", "codec",
    "pixel_format", "colour", "prompts", "generator", "seed", "sample", "cluster",
    "reference_sha256", "manifest_sha256",
)  # fmt: skip


def compare_records(
    stated: ItemRecord,
    fresh: ItemRecord,
    metrics: Mapping[str, AnyMetric],
    *,
    exact: bool,
    counts: CellCounts,
) -> Iterator[RunFinding]:
    """Yield the cells in which an item record differs from the one that the video gives.

    Args:
        stated: The run's record.
        fresh: The record of a new pass over the video.
        metrics: The metrics that can be recomputed, by key; others are not compared.
        exact: Whether cells must be equal to the last bit; else within each metric's tolerance.
        counts: Counts of the cells that agree.
    """
    name = stated.video.id
    for fact in _FACTS:
        one, other = getattr(stated.video, fact, None), getattr(fresh.video, fact, None)
        if one != other:
            yield RunFinding("video_differs", name, fact, one, other)
    for key in sorted(stated.metrics.keys() - fresh.metrics.keys()):
        if key in metrics:
            yield RunFinding("metric_unknown", name, key)
    for key, score in sorted(fresh.metrics.items()):
        if key not in metrics:
            continue
        if key not in stated.metrics:
            yield RunFinding("metric_missing", name, key, None, score.value)
            continue
        tolerance = 0.0 if exact else metrics[key].info.tolerance
        cells = _Cells(name, key, tolerance, metrics[key].info, score, counts)
        yield from cells.compare(stated.metrics[key])


def compare_arrays(
    name: str,
    stated: Mapping[str, NDArray[Any]],
    fresh: Mapping[str, NDArray[Any]],
    tolerance: float,
    counts: CellCounts,
) -> Iterator[RunFinding]:
    """Yield where the stored features of a video differ from those that the video gives."""
    for key in sorted(stated.keys() | fresh.keys()):
        one, other = stated.get(key), fresh.get(key)
        cell = f"features.{key}"
        if one is None or other is None or (one.shape, one.dtype) != (other.shape, other.dtype):
            yield RunFinding("features_differ", name, cell, _form(one), _form(other))
            continue
        difference = _apart(one, other)
        if difference <= tolerance:
            counts.take(difference, tolerance)
        else:
            detail = "difference as a share of the largest value"
            yield RunFinding(
                "features_differ", name, cell, None, None, difference, tolerance or None, detail
            )


class _Cells:
    """Cells of one metric on one video."""

    def __init__(
        self,
        video: str,
        metric: str,
        tolerance: float,
        info: MetricInfo,
        fresh: ItemScore,
        counts: CellCounts,
    ) -> None:
        self._video, self._metric, self._tolerance = video, metric, tolerance
        self._info, self._fresh, self._counts = info, fresh, counts

    def compare(self, stated: ItemScore) -> Iterator[RunFinding]:
        """Yield the cells that differ."""
        fresh, info = self._fresh, self._info
        for part in ("status", "code", "flags"):
            one, other = getattr(stated, part), getattr(fresh, part)
            if one != other:
                yield self._finding(part, one, other)
        if (stated.value is None) != (fresh.value is None):
            yield self._finding("value", stated.value, fresh.value)
        elif stated.value is not None and fresh.value is not None:
            yield from self._number("value", stated.value, fresh.value, info.headline.unit)
        for part in sorted(stated.components.keys() | fresh.components.keys()):
            one, other = stated.components.get(part), fresh.components.get(part)
            if one is None or other is None:
                yield self._finding(part, one, other)
            else:
                described = info.components.get(part)
                yield from self._number(part, one, other, described.unit if described else None)
        for part in sorted(stated.series.keys() | fresh.series.keys()):
            yield from self._series(part, stated.series.get(part), fresh.series.get(part))
        yield from self._events(stated.events, fresh.events)

    def _number(
        self, part: str, one: float, other: float, unit: str | None
    ) -> Iterator[RunFinding]:
        difference = _relative(one, other, self._scale(unit))
        if difference <= self._tolerance:
            self._counts.take(difference, self._tolerance)
        else:
            yield self._finding(part, one, other, difference, self._tolerance)

    def _scale(self, unit: str | None) -> float:
        """Return the size of the curves that a number in `unit` was computed from.

        A change of level is a difference of nearly equal numbers: its error is as large as theirs,
        however small the change; the error of a slope is that divided by the length of the video.
        """
        scales = [0.0]
        units = () if unit is None else (unit, unit.removesuffix("/min"))
        for name, series in self._fresh.series.items():
            if self._info.series.get(name) not in units:
                continue
            largest = max(map(abs, series.y), default=0.0)
            if self._info.series[name] != unit and series.t:
                largest *= 60.0 / max(series.t[-1] - series.t[0], 1e-9)
            scales.append(largest)
        return max(scales)

    def _series(self, part: str, one: Series | None, other: Series | None) -> Iterator[RunFinding]:
        cell = f"series.{part}"
        if one is None or other is None or len(one.t) != len(other.t):
            yield self._finding(cell, _length(one), _length(other), detail="points")
            return
        for axis in ("t", "y"):
            ours, theirs = np.asarray(getattr(one, axis)), np.asarray(getattr(other, axis))
            if not len(ours):
                continue
            scale = float(np.abs(theirs).max())
            apart = np.abs(ours - theirs) / max(scale, 1e-300)
            worst = int(apart.argmax())
            if apart[worst] <= self._tolerance:
                self._counts.take(float(apart[worst]), self._tolerance)
            else:
                a, b = float(ours[worst]), float(theirs[worst])
                where = f"{cell}.{axis}[{worst}]"
                more = int((apart > self._tolerance).sum())
                size = float(apart[worst])
                points = f"{more} points"
                yield self._finding(where, a, b, size, self._tolerance, detail=points)

    def _events(self, stated: list[Event], fresh: list[Event]) -> Iterator[RunFinding]:
        if len(stated) != len(fresh):
            yield self._finding("events", [e.kind for e in stated], [e.kind for e in fresh])
            return
        for i, (one, other) in enumerate(zip(stated, fresh, strict=True)):
            cell = f"events[{i}]"
            if one.kind != other.kind or one.details.keys() != other.details.keys():
                yield self._finding(cell, one.model_dump(), other.model_dump())
                continue
            yield from self._number(f"{cell}.start", one.start, other.start, None)
            yield from self._number(f"{cell}.end", one.end, other.end, None)
            for key, value in one.details.items():
                wanted = other.details[key]
                if isinstance(value, float | int) and isinstance(wanted, float | int):
                    yield from self._number(f"{cell}.{key}", value, wanted, None)
                elif value != wanted:
                    yield self._finding(f"{cell}.{key}", value, wanted)

    def _finding(
        self,
        cell: str,
        stated: Any,
        recomputed: Any,
        difference: float | None = None,
        tolerance: float | None = None,
        detail: str = "",
    ) -> RunFinding:
        path = f"{self._metric}.{cell}"
        numbers = stated, recomputed, difference, tolerance
        return RunFinding("cell_differs", self._video, path, *numbers, detail)


def _relative(one: float, other: float, scale: float) -> float:
    """Return a difference as a share of the larger number, or of the scale where that is more."""
    if one == other:
        return 0.0
    largest = max(abs(one), abs(other), scale)
    return abs(one / largest - other / largest)


def _apart(one: NDArray[Any], other: NDArray[Any]) -> float:
    """Return the largest difference of two arrays as a share of the largest value."""
    if one.tobytes() == other.tobytes():
        return 0.0
    if not (np.issubdtype(one.dtype, np.number) and np.isfinite(one).all()):
        return float("inf")
    ours, theirs = one.astype(np.float64), other.astype(np.float64)
    return float(np.abs(ours - theirs).max() / max(float(np.abs(theirs).max()), 1e-300))


def _form(array: NDArray[Any] | None) -> str | None:
    return None if array is None else f"{array.dtype} {array.shape}"


def _length(series: Series | None) -> int | None:
    return None if series is None else len(series.t)
