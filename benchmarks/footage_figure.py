"""The figure of the footage: numbers only."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.agreement import Share
from lvbench.report.figures.colours import BLUE, FAINT, VERMILION
from lvbench.report.figures.draw import style

_FEWEST_PROMPTS = 4
_ROW = 0.15  # inches


def write_figure(path: Path, found: Sequence[tuple[str, str, Share]]) -> None:
    """Draw the share of right pairs of each score by label, VBench's scores in another colour.

    Args:
        path: SVG file to write.
        found: Kind of label, score and share; those of few prompts are left out.
    """
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    rows = [entry for entry in found if entry[2].groups >= _FEWEST_PROMPTS]
    with style():
        figure = Figure(figsize=(7.0, 0.8 + _ROW * len(rows)), facecolor="white")
        FigureCanvasSVG(figure)
        height = figure.get_figheight()
        axes = figure.add_axes((0.42, 0.45 / height, 0.56, _ROW * len(rows) / height))
        axes.axvline(0.5, color=FAINT, linewidth=0.8)
        for y, (_, key, share) in enumerate(rows):
            colour = VERMILION if key.startswith("vbench_") else BLUE
            if share.low is not None and share.high is not None:
                axes.hlines(y, share.low, share.high, color=colour, linewidth=0.9)
            axes.plot(share.value, y, "o", color=colour, markersize=3.5, clip_on=False)
        axes.set_yticks(range(len(rows)), [f"{kind}: {key}" for kind, key, _ in rows], fontsize=6)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_xlim(0, 1)
        axes.set_xlabel("share of pairs in which the score sides with the label")
        figure.savefig(
            path, format="svg", facecolor="white", metadata={"Date": None, "Creator": None}
        )
