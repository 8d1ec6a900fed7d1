"""How much of an earlier view a camera still shows, from its motion alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass
class View:
    """Add up a camera's motion since a view; lengths in that view's width and height.

    Attributes:
        x: How far the content has moved to the right.
        y: How far it has moved down.
        growth: Logarithm of how much it has grown.
    """

    x: float = 0.0
    y: float = 0.0
    growth: float = 0.0

    def move(self, velocity: NDArray[np.float64], seconds: float) -> None:
        """Go on for some time.

        Args:
            velocity: `(>= 3,)` per second: right and down in widths and heights of the present
                view, logarithm of growth.
            seconds: How long.
        """
        scale = float(np.exp(self.growth))
        self.x += float(velocity[0]) * seconds / scale
        self.y += float(velocity[1]) * seconds / scale
        self.growth += float(velocity[2]) * seconds

    def overlap(self) -> float:
        """Return what the two views share, as a share of the larger one, 0 to 1.

        A turn about the line of sight is left out.
        """
        side = float(np.exp(-self.growth))  # Of the present view, in the earlier view's sides.
        shared = 1.0
        for shift in (self.x, self.y):
            low, high = max(-0.5, -shift - side / 2), min(0.5, -shift + side / 2)
            shared *= max(0.0, high - low)
        return shared / max(1.0, side * side)
