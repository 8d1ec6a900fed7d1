"""What a video's container and first frame state about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ColourRange = Literal["limited", "full"]
Rotation = Literal[0, 90, 180, 270]


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """Describe a video before it is decoded; None where the container states nothing.

    Attributes:
        path: The file or image-sequence folder as requested.
        width: Pixels per row as shown, after rotation.
        height: Rows as shown, after rotation.
        codec: FFmpeg's codec name, or the extension of an image sequence.
        pixel_format: FFmpeg's pixel format name of the first frame.
        bit_depth: Bits of the first component.
        fps: Average frame rate in Hz as the container states; for information, never for times.
        duration: Length of the video stream in seconds as the container states.
        frames_declared: Number of frames as the container states.
        rotation: Clockwise turn in degrees that shows the picture upright.
        mirrored: Whether left and right are swapped after that turn.
        colour_space: Matrix of YUV to RGB; untagged counts as "bt601", as every decoder does.
        colour_tagged: Whether the stream names its matrix.
        colour_range: "limited" (16 to 235 at 8 bits) or "full".
        has_audio: Whether there is an audio stream.
        container: FFmpeg's name of the container, or "images".
        start: Time stamp of the first frame in seconds, which `Frames.pts` counts from.
        colour_transfer: Transfer function: "pq" and "hlg" are high dynamic range; None where the
            stream names none.
        flags: Traits that change the picture and that no metric takes into account:
            `interlaced`, `non_square_pixels`, `alpha_dropped`, `high_dynamic_range`.
    """

    path: str
    width: int
    height: int
    codec: str
    pixel_format: str
    bit_depth: int
    fps: float | None
    duration: float | None
    frames_declared: int | None
    rotation: Rotation
    colour_space: str
    colour_tagged: bool
    colour_range: ColourRange
    has_audio: bool
    container: str
    start: float
    colour_transfer: str | None = None
    mirrored: bool = False
    flags: tuple[str, ...] = ()
