"""Ways to write a clip that do not change what it displays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from lvbench.validity.clip import Clip, Numbers, Pictures, Reordered, Shape
from lvbench.validity.scenes import resized
from lvbench.video.audio.samples import AudioBlock
from lvbench.video.encode import write_video

_X264 = MappingProxyType({"preset": "veryfast"})


@dataclass(frozen=True, slots=True)
class Presentation:
    """One way to write a clip.

    Attributes:
        title: In words, as in a table's row.
        suffix: Suffix of the file, which names its container.
        codec: FFmpeg's name of the encoder.
        crf: Constant quality; None for an encoder without one.
        options: Further options of the encoder.
        rate: Rate in Hz that is reached by repeated frames; 0 keeps the clip's own.
        times: Factor of the clip's own rate, reached by repeated frames.
        sparse: Whether repeated frames are left out again, so that the rate varies.
        remuxed: Whether the coded pictures are copied from an `.mp4` into the container.
        scale: Factor of width and height.
        mirrored: Whether left and right are swapped.
    """

    title: str
    suffix: str = ".mp4"
    codec: str = "libx264"
    crf: int | None = 18
    options: Mapping[str, str] = field(default_factory=lambda: _X264)
    rate: float = 0.0
    times: int = 1
    sparse: bool = False
    remuxed: bool = False
    scale: float = 1.0
    mirrored: bool = False

    def write(self, clip: Clip, folder: Path, name: str, audio: Iterable[AudioBlock] = ()) -> Path:
        """Write a clip; return the path of its file, `name` with the container's suffix.

        Raises:
            UsageError: FFmpeg refuses the combination.
            StorageError: The file cannot be written.
        """
        if self.scale != 1 or self.mirrored:
            clip = Redrawn(clip, self.scale, mirrored=self.mirrored)
        fps = max(self.rate, clip.shape.fps * self.times)
        shown = shown_at(clip.shape.frames, clip.shape.fps, fps)
        stamps = None
        if self.sparse:
            stamps = np.flatnonzero(np.diff(shown, prepend=-1))
            shown = shown[stamps]
        path = folder / (name + (".mp4" if self.remuxed else self.suffix))
        write_video(
            path,
            Reordered(clip, shown).blocks(),
            Fraction(fps).limit_denominator(1001),
            codec=self.codec,
            crf=self.crf,
            options=dict(self.options),
            audio=audio,
            numbers=None if stamps is None else stamps.tolist(),
        )
        return remuxed(path, path.with_suffix(self.suffix)) if self.remuxed else path


class Redrawn(Clip):
    """A clip in another size or mirrored.

    Args:
        clip: The clip.
        scale: Factor of width and height, which are rounded to even numbers.
        mirrored: Whether left and right are swapped.
    """

    def __init__(self, clip: Clip, scale: float, *, mirrored: bool) -> None:
        self._clip, self._step = clip, -1 if mirrored else 1
        own = clip.shape
        height, width = own.height, own.width
        if scale != 1:
            height, width = (2 * round(side * scale / 2) for side in (height, width))
        self.shape = Shape(own.frames, height, width, own.fps)

    def take(self, numbers: Numbers) -> Pictures:
        """Return the frames of these numbers."""
        pictures = self._clip.take(numbers)[:, :, :: self._step]
        return resized(pictures, self.shape.height, self.shape.width)


def shown_at(frames: int, fps: float, wanted: float) -> Numbers:
    """Return the frame of a clip that is displayed at each step of another rate.

    The nearest in time, as by FFmpeg's `-r`.

    Args:
        frames: Frames of the clip.
        fps: Its rate in Hz.
        wanted: The other rate in Hz, not below its own.
    """
    steps = np.arange(round(frames * wanted / fps))
    nearest: Numbers = np.floor(steps * (fps / wanted) + 0.5 + 1e-9).astype(np.intp)
    return np.minimum(nearest, frames - 1)


def remuxed(path: Path, to: Path) -> Path:
    """Copy the coded pictures and the audio of a file into another container."""
    import av

    with av.open(str(path)) as source, av.open(str(to), "w") as target:
        streams: dict[int, Any] = {
            stream.index: target.add_stream_from_template(stream) for stream in source.streams
        }
        for packet in _packets(source):
            packet.stream = streams[packet.stream.index]
            target.mux(packet)
    path.unlink()
    return to


def _packets(source: Any) -> Iterator[Any]:
    """Yield the packets of a file without the empty ones that end each stream."""
    return (packet for packet in source.demux() if packet.dts is not None)


PLAIN = Presentation("h264, crf 18, mp4")
"""How a clip is written before anything is asked of it."""

PRESENTATIONS: Mapping[str, Presentation] = MappingProxyType({
    "crf_23": Presentation("h264, crf 23", crf=23),
    "crf_28": Presentation("h264, crf 28", crf=28),
    "hevc": Presentation("hevc, crf 20", codec="libx265", crf=20, options={"preset": "veryfast"}),
    "vp9_webm": Presentation("vp9, crf 24, webm", ".webm", "libvpx-vp9", 24,
                             {"cpu-used": "5", "b": "0"}),
    "mpeg4_mkv": Presentation("mpeg4, quality 3, mkv", ".mkv", "mpeg4", None,
                              {"qmin": "3", "qmax": "3"}),
    "remux_mkv": Presentation("the same coded pictures in mkv", ".mkv", remuxed=True),
    "rate_30": Presentation("30 frames a second by repeats", rate=30.0),
    "rate_60": Presentation("60 frames a second by repeats", rate=60.0),
    "rate_x2": Presentation("twice the rate by repeats", times=2),
    "vfr": Presentation("variable rate: of rate_60, repeats left out", rate=60.0, sparse=True),
    "scale_half": Presentation("half the width and height", scale=0.5),
    "scale_up": Presentation("1.5 times the width and height", scale=1.5),
    "mirror": Presentation("mirrored", mirrored=True),
})  # fmt: skip
"""Every presentation by name."""
