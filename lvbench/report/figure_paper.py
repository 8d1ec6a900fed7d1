"""Write the figure for papers: vector, 3.3 or 6.8 inches wide, 8 pt, fonts embedded."""

from __future__ import annotations

import io
from pathlib import Path

import matplotlib as mpl

from lvbench.report.figure import Figure
from lvbench.report.figure_draw import draw_panel, style
from lvbench.results.files import write_atomic

WIDTHS = {"column": 3.3, "page": 6.8}
_PANEL_HEIGHT, _MARGIN = 1.25, 0.35


def write_figures(figure: Figure, folder: Path) -> list[Path]:
    """Write over_time_{column,page}.{pdf,svg} into `folder`; the same bytes for the same figure.

    Returns:
        The paths written; none where the figure has no panels.
    """
    if not figure.panels:
        return []
    paths = []
    wide = 3 if len(figure.panels) % 3 == 0 else 2
    for name, width in WIDTHS.items():
        columns = 1 if name == "column" else wide
        for suffix in ("pdf", "svg"):
            path = folder / f"over_time_{name}.{suffix}"
            write_atomic(path, _draw(figure, width, columns, suffix))
            paths.append(path)
    return paths


def _draw(figure: Figure, width: float, columns: int, to: str) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Canvas

    rows = -(-len(figure.panels) // columns)
    with style(), mpl.rc_context({"svg.fonttype": "path"}):
        canvas = Canvas(figsize=(width, rows * _PANEL_HEIGHT + _MARGIN), layout="constrained")
        FigureCanvasAgg(canvas)
        grid = canvas.subplots(rows, columns, squeeze=False, sharex=True)
        flat = list(grid.ravel())
        for axes, panel in zip(flat, figure.panels, strict=False):
            draw_panel(axes, panel, figure.seconds)
        for axes in flat[len(figure.panels) :]:
            axes.set_axis_off()
        for number, axes in enumerate(flat[: len(figure.panels)]):
            if number + columns >= len(figure.panels):
                axes.set_xlabel("time (s)")
                axes.tick_params(labelbottom=True)
        stream = io.BytesIO()
        dates = {"CreationDate": None} if to == "pdf" else {"Date": None}
        canvas.savefig(stream, format=to, metadata=dates)
    return stream.getvalue()
