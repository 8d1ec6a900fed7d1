"""Draw the panels of figures with matplotlib, with settings that make their bytes repeatable."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Literal

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray

from lvbench.report.figures.colours import BLUE, FAINT, INK, PAPER, VERMILION
from lvbench.report.figures.cost import CostPanel, Growth
from lvbench.report.figures.over_time import MOST_LINES, Panel, with_breaks
from lvbench.report.tables.rounding import round_numbers
from lvbench.report.tables.table import heading

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BAND = 0.2
_LOG_FROM = 3.0
_MARGIN = 0.1

_STYLE: dict[str, Any] = {
    "axes.edgecolor": INK,
    "axes.facecolor": "none",
    "axes.labelcolor": INK,
    "axes.labelsize": 8,
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.unicode_minus": True,
    "figure.facecolor": "none",
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "pdf.fonttype": 42,
    "savefig.facecolor": "none",
    "svg.fonttype": "none",
    "svg.hashsalt": "lvbench",
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": INK,
    "xtick.labelsize": 7,
    "xtick.major.size": 2.5,
    "xtick.major.width": 0.6,
    "ytick.color": INK,
    "ytick.labelsize": 7,
    "ytick.major.size": 2.5,
    "ytick.major.width": 0.6,
}


def style() -> AbstractContextManager[None]:
    """Return the context in which every figure is drawn, independent of the user's matplotlibrc."""
    everything: Any = mpl.rcParamsDefault
    machine = ("backend", "date.epoch", "interactive", "toolbar", "webagg")
    defaults: Any = {key: v for key, v in everything.items() if not key.startswith(machine)}
    settings: Any = {**defaults, **_STYLE}
    return mpl.rc_context(settings)


def draw_panel(axes: Axes, panel: Panel, seconds: float) -> None:
    """Draw curves, median, band and onset of one panel; the time axis ends at `seconds`."""
    axes.axhline(0, color=FAINT, linewidth=0.6, zorder=1)
    if len(panel.lines) <= MOST_LINES:
        for line in panel.lines:
            t, y = with_breaks(line.t, line.y)
            axes.plot(t, y, color=BLUE, linewidth=0.5, alpha=0.45, zorder=2)
    if len(panel.t):
        axes.fill_between(
            panel.t, panel.low, panel.high, color=BLUE, alpha=BAND, linewidth=0, zorder=2
        )
        axes.plot(panel.t, panel.median, color=BLUE, linewidth=1.4, zorder=3)
    _draw_onset(axes, panel, seconds)
    title(axes, heading(panel.title, panel.unit), _count(panel))
    axes.set_xlim(0, seconds)
    axes.locator_params(axis="y", nbins=4)
    axes.margins(y=0.08)


def draw_cost_panel(axes: Axes, panel: CostPanel) -> None:
    """Draw one score against generation time per second: a dot a video, a ring a length."""
    axes.plot(panel.cost, panel.value, ".", color=BLUE, alpha=0.45, markersize=3.5, zorder=2)
    groups = panel.groups
    if groups:
        x, y = [group.cost for group in groups], [group.value for group in groups]
        low, high = [group.low for group in groups], [group.high for group in groups]
        axes.vlines(x, low, high, color=BLUE, lw=0.9, zorder=3)
        axes.plot(x, y, "-", color=BLUE, linewidth=0.6, zorder=3)
        axes.plot(
            x, y, "o", markeredgecolor=BLUE, markerfacecolor=PAPER, markersize=4.5,
            markeredgewidth=1.2, zorder=4,
        )  # fmt: skip
        for group in (groups[0], groups[-1]):
            axes.annotate(
                f"{group.length:.3g} s", (group.cost, group.value), xytext=(5, 4),
                textcoords="offset points", fontsize=7, zorder=5,
            )  # fmt: skip
    below = f"{len(panel.cost)} videos, by generation time per second"
    title(axes, heading(panel.title, panel.unit, panel.higher_is_better), below)
    scale(axes, "x", panel.cost)
    axes.locator_params(axis="y", nbins=4)
    axes.margins(y=_MARGIN)


def draw_growth(axes: Axes, growth: Growth) -> None:
    """Draw generation time against length, the power law, and real time in grey."""
    reach = np.array([growth.length.min(), growth.length.max()])
    axes.plot(reach, reach, color=FAINT, linewidth=1.0, zorder=1)
    axes.plot(growth.length, growth.seconds, ".", color=BLUE, alpha=0.6, markersize=4, zorder=2)
    scale(axes, "x", growth.length)
    scale(axes, "y", np.concatenate([growth.seconds, reach]))
    if growth.exponent is not None:
        x, y = np.log(growth.length), np.log(growth.seconds)
        fitted = np.exp(y.mean() + growth.exponent * (np.log(reach) - x.mean()))
        axes.plot(reach, fitted, color=VERMILION, linewidth=1.0, zorder=3)
    known = "exponent unknown" if growth.exponent is None else f"exponent {growth.summary}"
    title(axes, "Generation time (s), by length (s)", f"{known}; grey: real time")


def title(axes: Axes, text: str, below: str) -> None:
    """Put a title over axes, and a smaller line between."""
    # On two lines: a title with the name of a network is as wide as the panel.
    axes.set_title(text, loc="left", fontsize=8, pad=13)
    axes.annotate(
        below, (0, 1), xycoords="axes fraction", xytext=(0, 4), textcoords="offset points",
        fontsize=7,
    )  # fmt: skip


def scale(axes: Axes, axis: Literal["x", "y"], values: NDArray[np.float64]) -> None:
    """Make an axis logarithmic where the largest value is three times the smallest or more."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    low, high = float(values.min()), float(values.max())
    one: Any = getattr(axes, f"{axis}axis")
    if low <= 0 or high < _LOG_FROM * low:
        axes.margins(x=_MARGIN) if axis == "x" else axes.margins(y=_MARGIN)
        axes.locator_params(axis=axis, nbins=4)
        return
    getattr(axes, f"set_{axis}scale")("log")
    room = (high / low) ** _MARGIN
    getattr(axes, f"set_{axis}lim")(low / room, high * room)
    one.set_major_locator(FixedLocator(round_numbers(low / room, high * room)))
    one.set_minor_locator(NullLocator())
    one.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def _draw_onset(axes: Axes, panel: Panel, seconds: float) -> None:
    along = axes.get_xaxis_transform()
    ticks = [t for t in panel.onsets if t <= seconds]
    if ticks:
        axes.vlines(ticks, 0, 0.05, transform=along, color=VERMILION, linewidth=0.8, zorder=4)
    if panel.onset is None or panel.onset > seconds:
        return
    axes.axvline(panel.onset, color=VERMILION, linewidth=0.9, linestyle=(0, (3, 2)), zorder=4)
    left = panel.onset > 0.7 * seconds
    axes.annotate(
        f"onset {panel.onset:.3g} s", (panel.onset, 1.0), xycoords=along,
        xytext=(-3 if left else 3, -1), textcoords="offset points",
        ha="right" if left else "left", va="top", fontsize=7, color=VERMILION,
    )  # fmt: skip


def _count(panel: Panel) -> str:
    videos = f"{panel.n_start} video" + ("s" if panel.n_start != 1 else "")
    if panel.n_end in (0, panel.n_start):
        return videos
    return f"{videos}, {panel.n_end} at {panel.t[-1]:.0f} s"
