"""The one currency of video in lvbench: a chunk of frames with their times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Products:
    """Name the pictures that a pass over a video must produce for every frame.

    Attributes:
        luma: The full-resolution luma plane.
        small: Longest side in pixels of the small RGB picture, or None for none.
        rgb: The full-resolution RGB picture.
    """

    luma: bool = False
    small: int | None = None
    rgb: bool = False

    def __or__(self, other: Products) -> Products:
        """Return the products that serve both; two different small sizes are refused."""
        if self.small and other.small and self.small != other.small:
            raise ValueError(f"one pass makes one small size, not {self.small} and {other.small}")
        return Products(self.luma or other.luma, self.small or other.small, self.rgb or other.rgb)


@dataclass(frozen=True, slots=True)
class Frames:
    """Hold consecutive frames of one video; products that were not asked for are None.

    Attributes:
        pts: Presentation times in seconds, float64 `(T,)`, strictly increasing.
        luma: `uint8 (T, H, W)`, full range (0 is black, 255 is white), rotation applied.
        small: `uint8 (T, h, w, 3)` RGB, longest side as asked.
        rgb: `uint8 (T, H, W, 3)` RGB at full resolution.
        prepared: `(T, ...)`: what an extractor made of the frames before they were collected.
    """

    pts: NDArray[np.float64]
    luma: NDArray[np.uint8] | None = None
    small: NDArray[np.uint8] | None = None
    rgb: NDArray[np.uint8] | None = None
    prepared: NDArray[Any] | None = None

    def __len__(self) -> int:
        return len(self.pts)

    def only(self, products: Products) -> Frames:
        """Return the frames with no more than these products."""
        return Frames(
            self.pts,
            self.luma if products.luma else None,
            self.small if products.small else None,
            self.rgb if products.rgb else None,
        )

    def take(self, index: slice | NDArray[np.intp]) -> Frames:
        """Return the frames at `index` (a slice gives views)."""
        return Frames(
            self.pts[index],
            None if self.luma is None else self.luma[index],
            None if self.small is None else self.small[index],
            None if self.rgb is None else self.rgb[index],
            None if self.prepared is None else self.prepared[index],
        )


def concatenate(parts: Sequence[Frames]) -> Frames:
    """Join chunks in order; all must hold the same products and sizes."""
    if len(parts) == 1:
        return parts[0]

    def join(arrays: list[NDArray[Any] | None]) -> NDArray[Any] | None:
        present = [a for a in arrays if a is not None]
        return np.concatenate(present) if present else None

    return Frames(
        np.concatenate([p.pts for p in parts]),
        join([p.luma for p in parts]),
        join([p.small for p in parts]),
        join([p.rgb for p in parts]),
        join([p.prepared for p in parts]),
    )
