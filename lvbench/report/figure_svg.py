"""Write a panel as inline SVG that takes its colours and its fonts from the page."""

from __future__ import annotations

import io
import re

from lvbench.report.colours import BLUE, VERMILION
from lvbench.report.figure import Panel
from lvbench.report.figure_draw import FAINT, INK, draw_panel, style

_SIZE = (3.3, 1.6)
_THEME = {
    INK: "currentColor",
    FAINT: "var(--faint)",
    BLUE: "var(--blue)",
    VERMILION: "var(--vermilion)",
}


def panel_svg(panel: Panel, seconds: float) -> str:
    """Return one panel as an `<svg>` element; the same bytes for the same panel."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with style():
        figure = Figure(figsize=_SIZE)
        FigureCanvasSVG(figure)
        axes = figure.add_axes((0.1, 0.13, 0.88, 0.73))
        draw_panel(axes, panel, seconds)
        stream = io.StringIO()
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    return _for_page(stream.getvalue(), f"{panel.key}-", f"{panel.title} over time")


def _for_page(svg: str, prefix: str, label: str) -> str:
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->\s*", "", svg, flags=re.DOTALL)
    # Several drawings share one page, so their ids must not meet.
    svg = re.sub(r'\bid="', f'id="{prefix}', svg)
    svg = svg.replace("url(#", f"url(#{prefix}").replace('href="#', f'href="#{prefix}')
    for colour, themed in _THEME.items():
        svg = re.sub(re.escape(colour), themed, svg, flags=re.IGNORECASE)
    svg = re.sub(r"font-family: [^;\"]*", "font-family: inherit", svg)
    # A style element inside would style the whole page; report.css holds its rule.
    svg = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r'<svg\b[^>]*?viewBox="([^"]*)"[^>]*>', rf'<svg viewBox="\1" role="img" '
                 rf'aria-label="{label}" xmlns:xlink="http://www.w3.org/1999/xlink">', svg, count=1,
                 flags=re.DOTALL)  # fmt: skip
    return svg.strip()
