"""Draw a board's figures with matplotlib, as inline SVG."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lvbench.leaderboard.figures import DriftPanel, Point, PointPanel, Style
from lvbench.report.figures.colours import FAINT, PAPER
from lvbench.report.figures.draw import BAND, heading, scale, title
from lvbench.report.figures.over_time import with_breaks
from lvbench.report.figures.svg import drawn

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_BANDS = 6
_MARGIN = 0.15


def drift_svg(panel: DriftPanel, prefix: str) -> str:
    """Return one quantity over time, a line a model, as an `<svg>` element."""
    return drawn(lambda axes: _drift(axes, panel), f"{prefix}{panel.key}",
                 f"{panel.title} over time, all models")  # fmt: skip


def cost_svg(panel: PointPanel, prefix: str) -> str:
    """Return one score against cost, with the frontier, as an `<svg>` element."""
    return drawn(lambda axes: _cost(axes, panel), f"{prefix}cost-{panel.key}",
                 f"{panel.title} against cost, all models")  # fmt: skip


def length_svg(panel: PointPanel, prefix: str) -> str:
    """Return one score against the length of the videos, as an `<svg>` element."""
    return drawn(lambda axes: _length(axes, panel), f"{prefix}length-{panel.key}",
                 f"{panel.title} against length, all models")  # fmt: skip


def _drift(axes: Axes, panel: DriftPanel) -> None:
    from matplotlib.collections import LineCollection

    axes.axhline(0, color=FAINT, linewidth=0.6, zorder=1)
    bands = sum(line.style is not None for line in panel.lines) <= _MOST_BANDS
    grey = [line.curve for line in panel.lines if line.style is None]
    axes.add_collection(
        LineCollection(
            [np.stack(with_breaks(np.array(c.t), np.array(c.median)), axis=1) for c in grey],
            colors=FAINT, linewidths=0.7, zorder=2,
        ),
        autolim=False,
    )  # fmt: skip
    for curve, style in ((line.curve, line.style) for line in panel.lines):
        if style is None:
            continue
        t, middle = with_breaks(np.array(curve.t), np.array(curve.median))
        axes.plot(t, middle, linewidth=1.2, zorder=3, **_look(style))
        if bands and curve.low:
            t, low, high = with_breaks(*map(np.array, (curve.t, curve.low, curve.high)))
            axes.fill_between(t, low, high, color=style.colour, alpha=BAND, linewidth=0, zorder=2)
    title(axes, heading(panel.title, panel.unit), f"{len(panel.lines)} models, by seconds")
    axes.set_xlim(0, max(line.curve.t[-1] for line in panel.lines))
    axes.locator_params(axis="y", nbins=4)
    _scale_to_models(axes, panel)


def _scale_to_models(axes: Axes, panel: DriftPanel) -> None:
    """Scale to the models' curves: a bound far off would flatten them."""
    own = [line.curve for line in panel.lines if line.style is not None]
    own = own or [line.curve for line in panel.lines]
    ends = [v for curve in own for v in (*curve.median, *curve.low, *curve.high, 0.0)]
    if own and max(ends) > min(ends):
        margin = _MARGIN * (max(ends) - min(ends))
        axes.set_ylim(min(ends) - margin, max(ends) + margin)


def _cost(axes: Axes, panel: PointPanel) -> None:
    front = [point for point in panel.points if point.on_frontier]
    axes.plot([p.x for p in front], [p.y for p in front], color=FAINT, linewidth=1.2,
              drawstyle="steps-post", zorder=1)  # fmt: skip
    _points(axes, front, filled=True)
    _points(axes, [point for point in panel.points if not point.on_frontier], filled=False)
    _finish(axes, panel, f"{len(panel.points)} models, by generation time per second")


def _length(axes: Axes, panel: PointPanel) -> None:
    models = dict.fromkeys(point.model for point in panel.points)
    for model in models:
        own = sorted((p for p in panel.points if p.model == model), key=lambda p: p.x)
        axes.plot([p.x for p in own], [p.y for p in own], linewidth=1.0, zorder=2,
                  **_look(own[0].style))  # fmt: skip
    _points(axes, panel.points, filled=True)
    _finish(axes, panel, f"{len(models)} models, by length in seconds")


def _points(axes: Axes, points: Sequence[Point], *, filled: bool) -> None:
    """Draw points with their intervals, grouped by colour."""
    by_colour: dict[str, list[Point]] = {}
    for point in points:
        by_colour.setdefault(FAINT if point.style is None else point.style.colour, []).append(point)
    for colour, own in by_colour.items():
        spans = [
            (point.x, low, high)
            for point in own
            if (low := point.score.ci_low) is not None and (high := point.score.ci_high) is not None
        ]
        if spans:
            x, lows, highs = zip(*spans, strict=True)
            axes.vlines(x, lows, highs, color=colour, linewidth=0.8, zorder=3)
        axes.plot(
            [point.x for point in own], [point.y for point in own], "o", markersize=4.5,
            markeredgecolor=colour, markerfacecolor=colour if filled else PAPER,
            markeredgewidth=1.2, zorder=4,
        )  # fmt: skip


def _finish(axes: Axes, panel: PointPanel, below: str) -> None:
    title(axes, heading(panel.title, panel.unit, panel.higher_is_better), below)
    scale(axes, "x", np.array([point.x for point in panel.points]))
    axes.locator_params(axis="y", nbins=4)
    axes.margins(y=0.1)


def _look(style: Style | None) -> dict[str, Any]:
    if style is None:
        return {"color": FAINT, "linestyle": "-"}
    dashes = tuple(float(part) for part in style.dash.split())
    return {"color": style.colour, "linestyle": (0, dashes) if dashes else "-"}
