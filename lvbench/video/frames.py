"""The one type of video in lvbench: a chunk of frames with their times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Products:
    """Name the pictures that a pass over a video makes of every frame.

    Attributes:
        luma: The full-resolution luma plane.
        small: Longest side in pixels of the small RGB picture, or None for none.
        rgb: The full-resolution RGB picture.
        planes: The coded planes, untouched.
        reference: The same pictures of the paired real frame too.
    """

    luma: bool = False
    small: int | None = None
    rgb: bool = False
    planes: bool = False
    reference: bool = False

    def __or__(self, other: Products) -> Products:
        """Return the products that serve both; two different small sizes are refused."""
        if self.small and other.small and self.small != other.small:
            raise ValueError(f"one pass makes one small size, not {self.small} and {other.small}")
        return Products(
            self.luma or other.luma,
            self.small or other.small,
            self.rgb or other.rgb,
            self.planes or other.planes,
            self.reference or other.reference,
        )


@dataclass(frozen=True, slots=True)
class Planes:
    """Hold the planes of consecutive frames (or of one, without the first dimension) as coded.

    A source without a Y plane (GIF, PNG, RGB codecs) gives full-range BT.601 at 4:4:4, 8 bits.

    Attributes:
        y: Luma, `(T, H, W)`, uint8, or uint16 above 8 bits.
        u: First chroma plane (Cb), `(T, h, w)`; None for grey.
        v: Second chroma plane (Cr), `(T, h, w)`; None for grey.
        bits: Bits of a sample; its largest value is `2 ** bits - 1`.
    """

    y: NDArray[Any]
    u: NDArray[Any] | None
    v: NDArray[Any] | None
    bits: int

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        """Return the planes, Y first."""
        return tuple(plane for plane in (self.y, self.u, self.v) if plane is not None)

    @property
    def nbytes(self) -> int:
        """Return the bytes of all planes."""
        return sum(plane.nbytes for plane in self.arrays)

    def take(self, index: slice | NDArray[np.intp]) -> Planes:
        """Return the planes of the frames at `index` (a slice gives views)."""
        return Planes(
            self.y[index],
            None if self.u is None else self.u[index],
            None if self.v is None else self.v[index],
            self.bits,
        )


@dataclass(frozen=True, slots=True)
class Frames:
    """Hold consecutive frames of one video; products that were not requested are None.

    Attributes:
        pts: Presentation times in seconds, float64 `(T,)`, strictly increasing.
        luma: `uint8 (T, H, W)`, full range (0 is black, 255 is white), rotation applied.
        small: `uint8 (T, h, w, 3)` RGB, longest side as requested.
        rgb: `uint8 (T, H, W, 3)` RGB at full resolution.
        prepared: `(T, ...)`: an extractor's preprocessing of the frames.
        planes: The coded planes, rotation applied.
        reference: The paired real frames, as many; None where there are none.
    """

    pts: NDArray[np.float64]
    luma: NDArray[np.uint8] | None = None
    small: NDArray[np.uint8] | None = None
    rgb: NDArray[np.uint8] | None = None
    prepared: NDArray[Any] | None = None
    planes: Planes | None = None
    reference: Frames | None = None

    def __len__(self) -> int:
        return len(self.pts)

    def only(self, products: Products) -> Frames:
        """Return the frames with no more than these products."""
        return Frames(
            self.pts,
            self.luma if products.luma else None,
            self.small if products.small else None,
            self.rgb if products.rgb else None,
            planes=self.planes if products.planes else None,
            reference=self.reference.only(products)
            if products.reference and self.reference is not None
            else None,
        )

    def take(self, index: slice | NDArray[np.intp]) -> Frames:
        """Return the frames at `index` (a slice gives views)."""
        return Frames(
            self.pts[index],
            None if self.luma is None else self.luma[index],
            None if self.small is None else self.small[index],
            None if self.rgb is None else self.rgb[index],
            None if self.prepared is None else self.prepared[index],
            None if self.planes is None else self.planes.take(index),
            None if self.reference is None else self.reference.take(index),
        )


def concatenate(parts: Sequence[Frames]) -> Frames:
    """Join chunks in order; all must have the same products and sizes."""
    if len(parts) == 1:
        return parts[0]

    def join(arrays: list[NDArray[Any] | None]) -> NDArray[Any] | None:
        present = [a for a in arrays if a is not None]
        return np.concatenate(present) if present else None

    planes = [p.planes for p in parts if p.planes is not None]
    references = [p.reference for p in parts if p.reference is not None]
    return Frames(
        np.concatenate([p.pts for p in parts]),
        join([p.luma for p in parts]),
        join([p.small for p in parts]),
        join([p.rgb for p in parts]),
        join([p.prepared for p in parts]),
        _join_planes(planes, join) if planes else None,
        concatenate(references) if references else None,
    )


def _join_planes(
    parts: list[Planes], join: Callable[[list[NDArray[Any] | None]], NDArray[Any] | None]
) -> Planes:
    luma = np.concatenate([p.y for p in parts])
    return Planes(luma, join([p.u for p in parts]), join([p.v for p in parts]), parts[0].bits)
