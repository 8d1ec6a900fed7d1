"""Draw a panel of the figure with matplotlib, and the settings that make its bytes repeatable."""

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
from lvbench.report.tables.table import ARROWS

if TYPE_CHECKING:
    from matplotlib.axes import Axes


_BAND = 0.2

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
    """Return the context in which every figure is drawn, whatever the user's matplotlibrc says."""
    settings: Any = _style()
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
            panel.t, panel.low, panel.high, color=BLUE, alpha=_BAND, linewidth=0, zorder=2
        )
        axes.plot(panel.t, panel.median, color=BLUE, linewidth=1.4, zorder=3)
    _draw_onset(axes, panel, seconds)
    unit = f" ({panel.unit})" if panel.unit else ""
    # On two lines: a title with the name of a network reaches across the panel.
    axes.set_title(f"{panel.title}{unit}", loc="left", fontsize=8, pad=13)
    axes.annotate(
        _count(panel),
        (0, 1),
        xycoords="axes fraction",
        xytext=(0, 4),
        textcoords="offset points",
        fontsize=7,
    )
    axes.set_xlim(0, seconds)
    axes.locator_params(axis="y", nbins=4)
    axes.margins(y=0.08)


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
        f"onset {panel.onset:.3g} s",
        (panel.onset, 1.0),
        xycoords=along,
        xytext=(-3 if left else 3, -1),
        textcoords="offset points",
        ha="right" if left else "left",
        va="top",
        fontsize=7,
        color=VERMILION,
    )


def _count(panel: Panel) -> str:
    videos = f"{panel.n_start} video" + ("s" if panel.n_start != 1 else "")
    if panel.n_end in (0, panel.n_start):
        return videos
    return f"{videos}, {panel.n_end} at {panel.t[-1]:.0f} s"


def _style() -> dict[str, Any]:
    everything: Any = mpl.rcParamsDefault
    defaults = {
        key: value
        for key, value in everything.items()
        if not key.startswith(("backend", "date.epoch", "interactive", "toolbar", "webagg"))
    }
    return {**defaults, **_STYLE}


_LOG_FROM = 3.0
_ROOM = 0.1


def draw_cost_panel(axes: Axes, panel: CostPanel) -> None:
    """Draw one score against seconds per generated second: a dot a video, a ring a length."""
    axes.plot(panel.cost, panel.value, ".", color=BLUE, alpha=0.45, markersize=3.5, zorder=2)
    groups = panel.groups
    if groups:
        x = [group.cost for group in groups]
        axes.vlines(
            x, [g.low for g in groups], [g.high for g in groups], color=BLUE, lw=0.9, zorder=3
        )
        axes.plot(x, [g.value for g in groups], "-", color=BLUE, linewidth=0.6, zorder=3)
        axes.plot(
            x, [g.value for g in groups], "o", markeredgecolor=BLUE, markerfacecolor=PAPER,
            markersize=4.5, markeredgewidth=1.2, zorder=4,
        )  # fmt: skip
        for group in (groups[0], groups[-1]):
            _label(axes, f"{group.length:.3g} s", group.cost, group.value)
    unit = f" ({panel.unit})" if panel.unit else ""
    below = f"{len(panel.cost)} videos, by seconds to make a second"
    title(axes, f"{panel.title}{unit} {ARROWS[panel.higher_is_better]}", below)
    scale(axes, "x", panel.cost)
    axes.locator_params(axis="y", nbins=4)
    axes.margins(y=_ROOM)


def draw_growth(axes: Axes, growth: Growth) -> None:
    """Draw seconds to make a video against its length, the power law, and real time in grey."""
    reach = np.array([growth.length.min(), growth.length.max()])
    axes.plot(reach, reach, color=FAINT, linewidth=1.0, zorder=1)
    axes.plot(growth.length, growth.seconds, ".", color=BLUE, alpha=0.6, markersize=4, zorder=2)
    scale(axes, "x", growth.length)
    scale(axes, "y", np.concatenate([growth.seconds, reach]))
    if growth.exponent is not None:
        x, y = np.log(growth.length), np.log(growth.seconds)
        fitted = np.exp(y.mean() + growth.exponent * (np.log(reach) - x.mean()))
        axes.plot(reach, fitted, color=VERMILION, linewidth=1.0, zorder=3)
    known = "exponent unknown" if growth.exponent is None else f"exponent {growth.said}"
    title(axes, "Seconds to make a video, by its length (s)", f"{known}; grey: real time")


def title(axes: Axes, text: str, below: str) -> None:
    """Put a title over axes, and a smaller line between."""
    axes.set_title(text, loc="left", fontsize=8, pad=13)
    axes.annotate(
        below, (0, 1), xycoords="axes fraction", xytext=(0, 4), textcoords="offset points",
        fontsize=7,
    )  # fmt: skip


def _label(axes: Axes, text: str, x: float, y: float) -> None:
    axes.annotate(text, (x, y), xytext=(5, 4), textcoords="offset points", fontsize=7, zorder=5)


def scale(axes: Axes, axis: Literal["x", "y"], values: NDArray[np.float64]) -> None:
    """Make an axis logarithmic where its values reach over three times or more."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    low, high = float(values.min()), float(values.max())
    one: Any = getattr(axes, f"{axis}axis")
    if low <= 0 or high < _LOG_FROM * low:
        axes.margins(x=_ROOM) if axis == "x" else axes.margins(y=_ROOM)
        axes.locator_params(axis=axis, nbins=4)
        return
    getattr(axes, f"set_{axis}scale")("log")
    room = (high / low) ** _ROOM
    getattr(axes, f"set_{axis}lim")(low / room, high * room)
    one.set_major_locator(FixedLocator(round_numbers(low / room, high * room)))
    one.set_minor_locator(NullLocator())
    one.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
