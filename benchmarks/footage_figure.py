"""The figure of the footage: numbers only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.agreement import Share
from lvbench.report.figures.colours import BLUE, FAINT, VERMILION
from lvbench.report.figures.draw import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FEWEST_PROMPTS = 4
_ROW = 0.15  # inches
_TITLES = ("labels of its own kind", "order that papers state")
_AXIS = "share of pairs in which the score is right"


def write_figure(path: Path, shares: Mapping[str, tuple[Share | None, Share | None]]) -> None:
    """Draw the share of right pairs of each score, VBench's scores in another colour.

    Args:
        path: SVG file to write.
        shares: By score: of the labels, and of papers; those of few prompts are left out.
    """
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    rows = {key: both for key, both in shares.items() if any(map(_enough, both))}
    height = _ROW * len(rows) + 0.8
    with style():
        figure = Figure(figsize=(7.0, height), facecolor="white")
        FigureCanvasSVG(figure)
        for column, title in enumerate(_TITLES):
            axes = figure.add_axes(
                (0.34 + 0.34 * column, 0.5 / height, 0.3, _ROW * len(rows) / height)
            )
            _panel(axes, list(rows), [both[column] for both in rows.values()])
            axes.set_title(title, fontsize=7)
            axes.set_xlabel(_AXIS if column == 0 else "")
            axes.set_yticks(range(len(rows)), list(rows) if column == 0 else [], fontsize=6)
        figure.savefig(
            path, format="svg", facecolor="white", metadata={"Date": None, "Creator": None}
        )


def _panel(axes: Axes, keys: Sequence[str], shares: Sequence[Share | None]) -> None:
    axes.axvline(0.5, color=FAINT, linewidth=0.8)
    for y, (key, share) in enumerate(zip(keys, shares, strict=True)):
        if share is None or not _enough(share):
            continue
        colour = VERMILION if key.startswith("vbench_") else BLUE
        if share.low is not None and share.high is not None:
            axes.hlines(y, share.low, share.high, color=colour, linewidth=0.9)
        axes.plot(share.value, y, "o", color=colour, markersize=3.5, clip_on=False)
    axes.set_ylim(len(keys) - 0.5, -0.5)
    axes.set_xlim(0, 1)


def _enough(share: Share | None) -> bool:
    return share is not None and share.groups >= _FEWEST_PROMPTS
