"""Draw which scores react to which faults, as one figure."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lvbench.report.figures.colours import BLUE, FAINT, INK, PAPER, VERMILION
from lvbench.report.figures.draw import style
from lvbench.validity.findings import RATIO, Finding

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LABELS, _ROW, _COLUMN, _CELLS, _LETTER, _LEGEND = 1.5, 0.135, 0.5, 5.2, 0.056, 0.35  # inches
_OTHER = "#6f6f70"
_GAMMA = 0.5  # small reactions are visible


def heat_map(findings: Sequence[Finding], faults: Sequence[str]) -> str:
    """Return an SVG of faults by scores; equal input gives equal bytes.

    A cell's depth is the median over sources of the change at the fault's middle dose, relative to
    that of the score's strongest own fault: white for 0, full for 1 and more.

    Args:
        findings: The scores, with at least one declared reaction each.
        faults: Names of the faults, from top to bottom.
    """
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    cells = min(_CELLS, max(3.0, _COLUMN * len(findings)))
    names = 0.1 + _LETTER * max(len(finding.score) for finding in findings)
    width, height = _LABELS + cells + 0.1, names + _ROW * len(faults) + _LEGEND
    with style():
        figure = Figure(figsize=(width, height))
        FigureCanvasSVG(figure)
        figure.patch.set_facecolor(PAPER)
        below, rows = _LEGEND / height, _ROW * len(faults) / height
        axes = figure.add_axes((_LABELS / width, below, cells / width, rows))
        _draw(axes, findings, faults)
        stream = io.StringIO()
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + "\n"


def medians(ratios: Mapping[str, float]) -> float | None:
    """Return the median over sources, infinite ratios included; None without a source."""
    return float(np.median(list(ratios.values()))) if ratios else None


def _draw(axes: Axes, findings: Sequence[Finding], faults: Sequence[str]) -> None:
    picture = np.ones((len(faults), len(findings), 3))
    for column, finding in enumerate(findings):
        for row, fault in enumerate(faults):
            median = medians(finding.ratios.get(fault, {}))
            if median is None:
                axes.plot(column, row, ".", color=FAINT, markersize=1.5)
            else:
                picture[row, column] = _shade(_colour(finding, fault), median)
    axes.imshow(picture, aspect="auto", interpolation="nearest")
    axes.set_yticks(range(len(faults)), faults, fontsize=6)
    scores = [finding.score for finding in findings]
    axes.xaxis.tick_top()
    axes.set_xticks(range(len(scores)), scores, fontsize=6, rotation=90)
    axes.set_xticks(np.arange(len(scores) + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(len(faults) + 1) - 0.5, minor=True)
    axes.grid(which="minor", color=FAINT, linewidth=0.3)
    axes.tick_params(which="both", length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    legend = ((BLUE, "declared"), (VERMILION, "must be ignored"), (_OTHER, "not declared"))
    for place, (colour, text) in enumerate(legend):
        for what, left, ink in (("■", 0, colour), (text, 8, INK)):
            axes.annotate(
                what, (0, 0), xycoords="axes fraction", xytext=(70 * place + left, -14),
                textcoords="offset points", fontsize=7, color=ink,
            )  # fmt: skip


def _colour(finding: Finding, fault: str) -> str:
    if fault in finding.own:
        return BLUE
    return VERMILION if fault in finding.ignored else _OTHER


def _shade(colour: str, ratio: float) -> NDArray[Any]:
    """Return a colour on white, deeper for larger ratios; under the bound it is nearly white."""
    from matplotlib.colors import to_rgb

    depth = float(np.clip(ratio, 0, 1))
    share = depth**_GAMMA if ratio >= RATIO else depth
    return 1 - share * (1 - np.array(to_rgb(colour)))
