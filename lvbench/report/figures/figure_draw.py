"""Draw a panel of the figure with matplotlib, and the settings that make its bytes repeatable."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import matplotlib as mpl

from lvbench.report.figures.colours import BLUE, VERMILION
from lvbench.report.figures.figure import MOST_LINES, Panel, broken

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, FAINT, PAPER = "#1a1a1a", "#c8c8c9", "#ffffff"
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
            t, y = broken(line.t, line.y)
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
