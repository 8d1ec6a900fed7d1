"""Lay out a time axis of a page: its ticks, curves and events."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lvbench.report.figures.colours import event_colour
from lvbench.report.figures.over_time import gaps
from lvbench.results.schema import Event, ItemRecord, Series

VIEW_WIDTH, VIEW_HEIGHT = 1000.0, 40.0
_MOST_TICKS = 8
_PADDING = 3.0


@dataclass(frozen=True, slots=True)
class Tick:
    """A label at a share of the axis, in percent."""

    percent: float
    label: str


@dataclass(frozen=True, slots=True)
class Mark:
    """An event on the axis, in units of the drawing's width."""

    kind: str
    colour: str
    x: float
    width: float
    start: float
    title: str


def ticks(seconds: float) -> list[Tick]:
    """Return round times from 0 to the end of the axis."""
    if seconds <= 0:
        return []
    rough = seconds / _MOST_TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * m for m in (1, 2, 5, 10) if power * m >= rough)
    # Prefer 60 s and its parts.
    for natural in (15.0, 30.0, 60.0):
        if rough <= natural < 1.5 * rough:
            step = natural
    count = int(seconds / step + 1e-9)
    return [Tick(round(100 * i * step / seconds, 3), f"{i * step:g}") for i in range(count + 1)]


def marks(events: Sequence[Event], seconds: float) -> list[Mark]:
    """Return the events as marks on an axis of `seconds`."""
    scale = VIEW_WIDTH / seconds if seconds > 0 else 0.0
    return [
        Mark(
            kind=event.kind,
            colour=event_colour(event.kind),
            x=round(event.start * scale, 2),
            width=round(max(0.0, event.end - event.start) * scale, 2),
            start=event.start,
            title=_event_in_words(event),
        )
        for event in sorted(events, key=lambda e: (e.start, e.end, e.kind))
    ]


def curve_path(series: Series, seconds: float, span: float) -> str:
    """Return a curve as an SVG path, broken where segments have no value.

    Args:
        series: The curve.
        seconds: Length of the time axis.
        span: Height of the drawing in the curve's unit; at least the curve's own.
    """
    low, high = min(series.y), max(series.y)
    span = max(span, high - low) or 1.0
    bottom = (low + high - span) / 2
    room = VIEW_HEIGHT - 2 * _PADDING
    starts = {0, len(series.t), *(gaps(np.asarray(series.t)) + 1).tolist()}
    return " ".join(
        f"{'M' if i in starts else 'L'}{t / seconds * VIEW_WIDTH:.1f} "
        f"{_PADDING + room * (1 - (y - bottom) / span):.1f}"
        # A lone point between two gaps is drawn as a dot.
        f"{'h0' if {i, i + 1} <= starts else ''}"
        for i, (t, y) in enumerate(zip(series.t, series.y, strict=True))
    )


def events_of(item: ItemRecord) -> list[Event]:
    """Return all events of a video, of every metric."""
    return [event for _, score in sorted(item.metrics.items()) for event in score.events]


def duration(item: ItemRecord) -> float:
    """Return the length of a video in seconds, from the probe or its records."""
    reached = [s.t[-1] for m in item.metrics.values() for s in m.series.values() if s.t]
    return max([item.video.duration or 0.0, *reached, *(e.end for e in events_of(item))])


def _event_in_words(event: Event) -> str:
    when = f"{event.start:.2f} s"
    if event.end > event.start:
        when = f"{event.start:.2f} to {event.end:.2f} s"
    more = ", ".join(
        f"{name.replace('_', ' ')} {value:.3g}" if isinstance(value, float | int)
        else f"{name.replace('_', ' ')} {value}"
        for name, value in sorted(event.details.items())
    )  # fmt: skip
    return f"{event.kind}, {when}" + (f" ({more})" if more else "")
