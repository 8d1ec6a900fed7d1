"""Draw quality against cost with matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from lvbench.report.figures.colours import BLUE, VERMILION
from lvbench.report.figures.figure_cost import CostPanel, Growth
from lvbench.report.figures.figure_draw import FAINT, PAPER
from lvbench.report.tables.rounding import round_numbers
from lvbench.report.tables.table import ARROWS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

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
