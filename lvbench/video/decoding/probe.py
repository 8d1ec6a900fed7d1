"""Say what a video is without decoding more than its first frame."""

from __future__ import annotations

from pathlib import Path

from lvbench.video.frames import Products
from lvbench.video.info import VideoInfo

__all__ = ["VideoInfo", "probe"]


def probe(path: str | Path, *, fps: float | None = None) -> VideoInfo:
    """Return what the container and the first frame say about the video.

    Args:
        path: A video file, or a folder that holds an image sequence.
        fps: Rate in Hz of an image sequence; files carry their own times.

    Raises:
        VideoDecodeError: Codes `file_missing`, `permission_denied`, `file_empty`, `not_a_video`,
            `no_video_stream`, `no_frames`, `too_large`, `unreadable`.

    Examples:
        >>> from lvbench.video.decoding.probe import probe
        >>> info = probe("clips/a.mp4")
        >>> info.width, info.height, info.fps
        (96, 64, 8.0)
    """
    from lvbench.video.decoding.decode import open_video

    with open_video(path, Products(), fps=fps) as reader:
        return reader.info
