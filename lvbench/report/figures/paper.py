"""Write the figures for papers: vector, 3.3 or 6.8 inches wide, 8 pt, fonts embedded.

Each has the short signature at its lower edge, and the full one in its metadata.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import matplotlib as mpl

from lvbench.protocol.identity import short_signature, signature_line
from lvbench.report.figures.colours import INK
from lvbench.report.figures.cost import CostFigure
from lvbench.report.figures.draw import draw_cost_panel, draw_growth, draw_panel, style
from lvbench.report.figures.over_time import Figure
from lvbench.report.safe_text import LONGEST_SIGNATURE, printable
from lvbench.results.files import write_atomic
from lvbench.results.schema import RunRecord

Draw = Callable[[Any], None]

WIDTHS = {"column": 3.3, "page": 6.8}
_PANEL_HEIGHT, _MARGIN = 1.25, 0.45
_SMALL = 5


def write_figures(figure: Figure, record: RunRecord, folder: Path) -> list[Path]:
    """Write over_time_{column,page}.{pdf,svg} into `folder`; the same bytes for the same figure.

    Returns:
        The paths written; none where the figure has no panels.
    """
    draw = [partial(draw_panel, panel=panel, seconds=figure.seconds) for panel in figure.panels]
    return _write("over_time", draw, record, folder, shared="time (s)")


def write_cost_figures(figure: CostFigure, record: RunRecord, folder: Path) -> list[Path]:
    """Write against_cost_{column,page}.{pdf,svg} into `folder`; return the paths written."""
    draw = [
        partial(draw_growth, growth=figure.growth),
        *(partial(draw_cost_panel, panel=panel) for panel in figure.panels),
    ]
    return _write("against_cost", draw, record, folder)


def _write(
    stem: str, draw: Sequence[Draw], record: RunRecord, folder: Path, shared: str = ""
) -> list[Path]:
    if not draw:
        return []
    paths = []
    wide = 3 if len(draw) % 3 == 0 else 2
    for name, width in WIDTHS.items():
        columns = 1 if name == "column" else wide
        for suffix in ("pdf", "svg"):
            path = folder / f"{stem}_{name}.{suffix}"
            write_atomic(path, _drawn(draw, record, width, columns, suffix, shared))
            paths.append(path)
    return paths


def _drawn(
    draw: Sequence[Draw], record: RunRecord, width: float, columns: int, to: str, shared: str
) -> bytes:
    """Return a file of panels; `shared` labels their common lower axis."""
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
        canvas.supxlabel(
            printable(short_signature(record)), x=0.99, ha="right", fontsize=_SMALL, color=INK,
            parse_math=False,
        )  # fmt: skip
        stream = io.BytesIO()
        canvas.savefig(stream, format=to, metadata=_metadata(record, to))
    return stream.getvalue()


def _metadata(record: RunRecord, to: str) -> dict[str, str | None]:
    """Return the signature in the format's field for it, without a date."""
    signed = printable(signature_line(record), LONGEST_SIGNATURE)
    if to == "pdf":
        return {"CreationDate": None, "Subject": signed}
    return {"Date": None, "Description": signed}
