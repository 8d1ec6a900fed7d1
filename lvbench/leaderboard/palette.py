"""One colour for one model, on every board."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lvbench.leaderboard.collect import Entry
from lvbench.report.figures.colours import BLUE, GREEN, ORANGE, PURPLE, VERMILION
from lvbench.report.figures.figure_draw import INK
from lvbench.report.figures.figure_svg import themed

# Not sky blue: in the dark it is what blue is there.
COLOURS = (BLUE, VERMILION, GREEN, ORANGE, PURPLE, INK)
DASHES = ("", "5 2", "1.5 1.5")


@dataclass(frozen=True, slots=True)
class Style:
    """How a model is drawn: colour, and dashes in points where colours repeat."""

    colour: str
    dash: str

    @property
    def on_page(self) -> str:
        """Return the colour as a page has it, light or dark."""
        return themed(self.colour)


def palette(entries: Iterable[Entry]) -> Mapping[str, Style]:
    """Return the styles of the first models in order, by `model_key`; those after have none."""
    styles = [Style(colour, dash) for dash in DASHES for colour in COLOURS]
    models = dict.fromkeys(model_key(entry) for entry in entries)
    return dict(zip(models, styles, strict=False))


def model_key(entry: Entry) -> str:
    """Return organisation and model, whatever the revision."""
    return f"{entry.row.organisation}/{entry.row.model}".lower()
