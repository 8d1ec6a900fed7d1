"""Colours of every output, from the Okabe-Ito set."""

from __future__ import annotations

BLUE, VERMILION, GREEN, ORANGE = "#0072B2", "#D55E00", "#009E73", "#E69F00"
SKY, PURPLE, GREY = "#56B4E9", "#CC79A7", "#808080"
INK, FAINT, PAPER = "#1a1a1a", "#c8c8c9", "#ffffff"

EVENTS = {
    "freeze": BLUE,
    "loop": PURPLE,
    "cut": GREY,
    "seam": ORANGE,
    "swap": VERMILION,
    "loss": GREEN,
}


def event_colour(kind: str) -> str:
    """Return the colour of a kind of event; unknown kinds share one."""
    return EVENTS.get(kind, SKY)
