"""Write the figures for papers: vector, 3.3 or 6.8 inches wide, 8 pt, fonts embedded."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import matplotlib as mpl

from lvbench.report.figure import Figure
from lvbench.report.figure_cost import CostFigure
from lvbench.report.figure_cost_draw import draw_cost_panel, draw_growth
from lvbench.report.figure_draw import draw_panel, style
from lvbench.results.files import write_atomic

Draw = Callable[[Any], None]

WIDTHS = {"column": 3.3, "page": 6.8}
_PANEL_HEIGHT, _MARGIN = 1.25, 0.35


def write_figures(figure: Figure, folder: Path) -> list[Path]:
    """Write over_time_{column,page}.{pdf,svg} into `folder`; the same bytes for the same figure.

    Returns:
        The paths written; none where the figure has no panels.
    """
    draw = [partial(draw_panel, panel=panel, seconds=figure.seconds) for panel in figure.panels]
    return _write("over_time", draw, folder, shared="time (s)")


def write_cost_figures(figure: CostFigure, folder: Path) -> list[Path]:
    """Write against_cost_{column,page}.{pdf,svg} into `folder`; return the paths written."""
    draw = [
        partial(draw_growth, growth=figure.growth),
        *(partial(draw_cost_panel, panel=panel) for panel in figure.panels),
    ]
    return _write("against_cost", draw, folder)


def _write(stem: str, draw: Sequence[Draw], folder: Path, shared: str = "") -> list[Path]:
    if not draw:
        return []
    paths = []
    wide = 3 if len(draw) % 3 == 0 else 2
    for name, width in WIDTHS.items():
        columns = 1 if name == "column" else wide
        for suffix in ("pdf", "svg"):
            path = folder / f"{stem}_{name}.{suffix}"
            write_atomic(path, _drawn(draw, width, columns, suffix, shared))
            paths.append(path)
    return paths


def _drawn(draw: Sequence[Draw], width: float, columns: int, to: str, shared: str) -> bytes:
    """Return a file of panels; `shared` is what they have in common along their lower edge."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Canvas

    rows = -(-len(draw) // columns)
    with style(), mpl.rc_context({"svg.fonttype": "path"}):
        canvas = Canvas(figsize=(width, rows * _PANEL_HEIGHT + _MARGIN), layout="constrained")
        FigureCanvasAgg(canvas)
        grid = canvas.subplots(rows, columns, squeeze=False, sharex=bool(shared))
        flat = list(grid.ravel())
        for axes, one in zip(flat, draw, strict=False):
            one(axes)
        for axes in flat[len(draw) :]:
            axes.set_axis_off()
        for number, axes in enumerate(flat[: len(draw)]):
            if shared and number + columns >= len(draw):
                axes.set_xlabel(shared)
                axes.tick_params(labelbottom=True)
        stream = io.BytesIO()
        dates = {"CreationDate": None} if to == "pdf" else {"Date": None}
        canvas.savefig(stream, format=to, metadata=dates)
    return stream.getvalue()
