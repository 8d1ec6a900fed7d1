"""Write a panel as inline SVG with the colours and fonts of the page."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from lvbench.report.figures.colours import BLUE, FAINT, INK, PAPER, VERMILION
from lvbench.report.figures.cost import CostFigure
from lvbench.report.figures.draw import draw_cost_panel, draw_growth, draw_panel, style
from lvbench.report.figures.over_time import Panel

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SIZE = (3.3, 1.6)
_THEME = {
    INK: "currentColor",
    PAPER: "var(--paper)",
    FAINT: "var(--faint)",
    BLUE: "var(--blue)",
    VERMILION: "var(--vermilion)",
}


def panel_svg(panel: Panel, seconds: float) -> str:
    """Return one panel as an `<svg>` element; the same bytes for the same panel."""
    title = f"{panel.title} over time"
    return drawn(lambda axes: draw_panel(axes, panel, seconds), panel.key, title)


def cost_svgs(figure: CostFigure) -> list[str]:
    """Return growth and panels of quality against cost, each as an `<svg>` element."""
    growth = drawn(lambda axes: draw_growth(axes, figure.growth), "growth", "time by length")
    return [growth] + [
        drawn(lambda axes, p=panel: draw_cost_panel(axes, p), f"cost-{panel.key}",  # type: ignore[misc]
             f"{panel.title} against cost")
        for panel in figure.panels
    ]  # fmt: skip


def drawn(draw: Callable[[Axes], None], key: str, label: str) -> str:
    """Return the drawing of `draw` as an `<svg>` element whose ids begin with `key`."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with style():
        figure = Figure(figsize=_SIZE)
        FigureCanvasSVG(figure)
        draw(figure.add_axes((0.1, 0.13, 0.88, 0.73)))
        stream = io.StringIO()
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    return _for_page(stream.getvalue(), f"{key}-", label)


def themed(text: str) -> str:
    """Return text with the drawing's colours replaced by the page's CSS variables."""
    for colour, on_page in _THEME.items():
        text = re.sub(re.escape(colour), on_page, text, flags=re.IGNORECASE)
    return text


def _for_page(svg: str, prefix: str, label: str) -> str:
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->\s*", "", svg, flags=re.DOTALL)
    # Several drawings share one page, so their ids must differ.
    svg = re.sub(r'\bid="', f'id="{prefix}', svg)
    svg = svg.replace("url(#", f"url(#{prefix}").replace('href="#', f'href="#{prefix}')
    svg = themed(svg)
    svg = re.sub(r"font-family: [^;\"]*", "font-family: inherit", svg)
    # A style element would apply to the entire page; page.css has its rule.
    svg = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r'<svg\b[^>]*?viewBox="([^"]*)"[^>]*>', rf'<svg viewBox="\1" role="img" '
                 rf'aria-label="{label}" xmlns:xlink="http://www.w3.org/1999/xlink">', svg, count=1,
                 flags=re.DOTALL)  # fmt: skip
    return svg.strip()
