from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

from lvbench.report.figures.over_time import over_time
from lvbench.report.figures.svg import panel_svg
from lvbench.results.run import load_run


def test_panel_takes_colours_and_fonts_from_the_page_and_repeats(run_folder: Path) -> None:
    figure = over_time(load_run(run_folder))
    svg = panel_svg(figure.panels[1], figure.seconds)
    assert svg == panel_svg(figure.panels[1], figure.seconds)
    assert not re.search(r"#[0-9a-fA-F]{6}\b", svg)
    assert "currentColor" in svg
    assert "var(--blue)" in svg
    assert "<style" not in svg
    assert "DejaVu" not in svg
    words = ["".join(e.itertext()) for e in ET.fromstring(svg).iter() if e.tag.endswith("text")]
    assert "Lightness (L*)" in words
    assert any(word.startswith("onset ") for word in words)


def test_ids_of_two_panels_never_meet(run_folder: Path) -> None:
    figure = over_time(load_run(run_folder))
    ids = [set(re.findall(r'id="([^"]+)"', panel_svg(p, figure.seconds))) for p in figure.panels]
    assert not ids[0] & ids[1]
