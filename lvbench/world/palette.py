"""Colours of the world: saturated for characters, muted for everything else."""

from __future__ import annotations

HUE_RGB: dict[str, tuple[int, int, int]] = {
    "red": (224, 32, 36),
    "orange": (250, 138, 20),
    "yellow": (252, 232, 50),
    "green": (34, 168, 50),
    "cyan": (40, 222, 226),
    "blue": (24, 92, 240),
    "purple": (148, 32, 168),
    "pink": (255, 120, 196),
}
INK = (22, 20, 26)  # outlines, and dark parts of patterns
# Tints of landmarks, chosen by the seed.
TINTS: dict[str, tuple[int, int, int]] = {
    "brick": (150, 82, 66),
    "ivory": (244, 238, 218),
    "slate": (72, 86, 118),
    "olive": (128, 128, 60),
}
