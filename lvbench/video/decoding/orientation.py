"""The rotation and mirroring that a frame's display matrix requests."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from lvbench.video.info import Rotation

if TYPE_CHECKING:
    from av import VideoFrame

_TOLERANCE = 1.0  # degrees: nearer to a quarter turn than this is a quarter turn, as in ffmpeg


@dataclass(frozen=True, slots=True)
class Orientation:
    """Describe how stored pixels become the picture as shown.

    Attributes:
        rotation: Clockwise turn in degrees, done first.
        mirrored: Whether left and right are then swapped.
        angle: Clockwise turn in whole degrees that is no quarter turn, 0 for none. The picture
            keeps its size, and black fills its corners.
    """

    rotation: Rotation = 0
    mirrored: bool = False
    angle: int = 0

    def turn(self, picture: NDArray[Any]) -> NDArray[Any]:
        """Return `(H, W, ...)` as shown, a view where that is possible."""
        if self.rotation:
            picture = np.rot90(picture, -self.rotation // 90)
        return picture[:, ::-1] if self.mirrored else picture


def orientation(frame: VideoFrame) -> Orientation:
    """Return what ffmpeg does by itself (`-autorotate`) with the frame's display matrix.

    A matrix without an angle (all zeros, say) leaves the picture unchanged.
    """
    from av.sidedata.sidedata import Type

    data = cast(Any, frame.side_data).get(Type.DISPLAYMATRIX)
    if data is None:
        return Orientation()
    return _of_matrix(np.frombuffer(bytes(data)[:36], "=i4").astype(np.float64))


def _of_matrix(matrix: NDArray[np.float64]) -> Orientation:
    a, b, _, c, d = (float(value) for value in matrix[:5])
    wide, high = math.hypot(a, c), math.hypot(b, d)
    if wide == 0 or high == 0:
        return Orientation()
    angle = round(math.degrees(math.atan2(b / high, a / wide))) % 360
    nearest = round(angle / 90) % 4 * 90
    if abs((angle - nearest + 180) % 360 - 180) >= _TOLERANCE:
        return Orientation(angle=angle)
    mirrored = {0: d < 0, 90: c > 0, 180: (a < 0) != (d < 0), 270: c < 0}[nearest]
    rotation = nearest
    if mirrored and nearest in (0, 180):
        # Upside down is a half turn with the sides swapped; what is left of the other is the swap.
        rotation = 180 if d < 0 else 0
    return Orientation(cast(Rotation, rotation), mirrored)


def rotator(frame: VideoFrame, angle: int) -> Callable[[VideoFrame], VideoFrame]:
    """Return a function that turns frames like this one by an odd angle, as ffmpeg does."""
    from av.filter import Graph

    graph = Graph()
    source = graph.add_buffer(
        width=frame.width,
        height=frame.height,
        format=frame.format,
        time_base=frame.time_base or Fraction(1, 1000),
    )
    rotate = graph.add("rotate", f"{angle}*PI/180")
    sink = graph.add("buffersink")
    source.link_to(rotate)
    rotate.link_to(sink)
    graph.configure()

    def turned(stored: VideoFrame) -> VideoFrame:
        graph.push(stored)
        shown = cast("VideoFrame", graph.pull())
        shown.colorspace, shown.color_range = stored.colorspace, stored.color_range
        return shown

    return turned
