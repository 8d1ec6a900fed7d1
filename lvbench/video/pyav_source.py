"""Decode a video file with PyAV, packet by packet, past whatever is broken in it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from lvbench.video import colour
from lvbench.video.container_end import missing_end
from lvbench.video.ffmpeg_log import DamageLog
from lvbench.video.frames import Planes, Products
from lvbench.video.info import Rotation, VideoInfo
from lvbench.video.opening import open_container
from lvbench.video.outcome import DecodeOutcome, Evidence, judge
from lvbench.video.picture import Picture
from lvbench.video.planes import coded_planes
from lvbench.video.problems import blame_file, decode_error, require_sane_size
from lvbench.video.raw_format import RawFormat
from lvbench.video.timeline import Timeline

if TYPE_CHECKING:
    from av import Packet, VideoFrame
    from av.video.stream import VideoStream

_MAX_READ_FAILURES = 16  # in a row; a container that gives no packet after so many is at its end
# These carry no presentation times; what FFmpeg makes up for them is out of order with B-frames.
# The decoding time that a frame came out with is in order, one step per frame.
UNSTAMPED = frozenset({"avi", "h264", "hevc", "m4v"})
_FALLBACK_RATE = 25.0  # Hz, for the nominal interval where the container says none


class PyavSource:
    """Give the pictures of one video file in order.

    Args:
        path: The file.
        products: The pictures wanted of every frame.
        threads: Decoder threads. Damaged streams may be concealed differently with more than
            one, so runs use one thread per video and several videos at a time.
        raw: What the file holds, if it is raw planar YUV.

    Raises:
        VideoDecodeError: With a stable code, if not one frame can be had.
    """

    def __init__(
        self,
        path: Path,
        products: Products,
        threads: int = 1,
        raw: RawFormat | None = None,
    ) -> None:
        from av.video.reformatter import VideoReformatter

        self._path = path
        self._products = products
        self._evidence = Evidence()
        self._log = DamageLog(every_thread=threads > 1)
        self._scalers = VideoReformatter(), VideoReformatter()
        try:
            with self._log.listen():
                self._container, self._stream = open_container(path, raw)
            self._begin(threads if self._log.every_thread else 1, raw)
        except BaseException:
            self.close()
            raise

    def _begin(self, threads: int, raw: RawFormat | None) -> None:
        # What FFmpeg says while it guesses at the streams is no evidence: it sees half frames.
        self._log.count, self._log.first = 0, ""
        self._stream.codec_context.thread_count = threads
        self._stream.thread_type = "AUTO" if threads > 1 else "SLICE"
        self._rate = self._stream.average_rate or (None if raw is None else Fraction(raw.rate))
        rate = self._rate
        interval = 1 / float(rate) if rate else 1 / _FALLBACK_RATE
        self._stamped = self._container.format.name not in UNSTAMPED
        tick = self._stream.time_base or Fraction(1, 1000)
        time_base = Fraction(tick.numerator, tick.denominator)
        self._timeline = Timeline(time_base, interval, stamped=self._stamped)
        self._evidence.interval = self._evidence.last_interval = interval
        self._evidence.missing_end = missing_end(self._path)
        self._evidence.frames_expected = self._listed_frames()
        self._decoded = self._decode()
        first = next(self._decoded, None)
        if first is None:
            raise decode_error("no_frames", self._path, "not one frame can be decoded")
        require_sane_size(self._path, first[1].width, first[1].height)
        self._first = first
        self.info = self._describe(first[1])

    def pictures(self) -> Iterator[Picture]:
        """Yield every frame's products; the arrays may be views that the next frame overwrites."""
        size = self._first[1].width, self._first[1].height
        yield self._picture(*self._first)
        for time, frame in self._decoded:
            if (frame.width, frame.height) != size:
                self._evidence.size_change = (
                    f"{size[0]}x{size[1]} became {frame.width}x{frame.height} at {time:.3f} s"
                )
                return
            yield self._picture(time, frame)

    def outcome(self) -> DecodeOutcome:
        """Return the judgement on what was decoded so far."""
        self._evidence.log_errors = self._log.count
        self._evidence.log_first = self._log.first
        self._evidence.time_repairs = self._timeline.repairs
        return judge(self._evidence, self.info)

    def close(self) -> None:
        """Give the file and the decoder back."""
        if hasattr(self, "_container"):
            if self._log.every_thread:
                # Threads still at work would log into an interpreter that waits for them to end.
                self._drain()
            self._container.close()
        self._log.close()

    def _drain(self) -> None:
        try:
            self._stream.codec_context.decode(None)
        except Exception:
            return

    def _picture(self, time: float, frame: VideoFrame) -> Picture:
        seconds = float(frame.duration * (frame.time_base or 0)) if frame.duration else 0.0
        self._evidence.saw(time, seconds if seconds > 0 else None)
        wanted = self._products
        full, scaled = self._scalers
        small_size = (
            colour.small_size(frame.width, frame.height, wanted.small) if wanted.small else None
        )
        return Picture(
            time,
            self._turn(colour.luma(frame, full)) if wanted.luma else None,
            self._turn(colour.small_rgb(frame, scaled, *small_size)) if small_size else None,
            self._turn(colour.rgb(frame, full)) if wanted.rgb else None,
            self._turned(coded_planes(frame, full)) if wanted.planes else None,
        )

    def _turned(self, planes: Planes) -> Planes:
        if not self.info.rotation:
            return planes
        u, v = (None if p is None else self._turn(p) for p in (planes.u, planes.v))
        return Planes(self._turn(planes.y), u, v, planes.bits)

    def _turn(self, picture: NDArray[Any]) -> NDArray[Any]:
        return np.rot90(picture, -self.info.rotation // 90) if self.info.rotation else picture

    def _decode(self) -> Iterator[tuple[float, VideoFrame]]:
        for packet in self._packets():
            try:
                with self._log.listen():
                    frames = self._stream.decode(packet)
            except EOFError:  # the decoder was flushed before
                return
            except Exception as error:
                blame_file(error)
                self._evidence.decode_errors += 1
                continue
            for frame in frames:
                self._evidence.corrupt += frame.is_corrupt
                ticks = frame.pts if self._stamped and frame.pts is not None else frame.dts
                yield self._timeline.place(ticks), frame

    def _packets(self) -> Iterator[Packet[VideoStream] | None]:
        failures = 0
        packets = self._container.demux(self._stream)
        while failures < _MAX_READ_FAILURES:
            try:
                with self._log.listen():
                    packet = next(packets, None)
            except Exception as error:
                blame_file(error)
                self._evidence.read_errors += 1
                failures += 1
                packets = self._container.demux(self._stream)
                continue
            if packet is None:
                return
            failures = 0
            self._evidence.corrupt += packet.is_corrupt
            yield packet
        yield None

    def _listed_frames(self) -> int | None:
        """Return how many frames an ISO file's index lists for showing (edit lists respected)."""
        if "mp4" not in self._container.format.name:
            return None
        listed = sum(not entry.is_discard for entry in self._stream.index_entries)
        return listed or None

    def _describe(self, frame: VideoFrame) -> VideoInfo:
        stream, container = self._stream, self._container
        rotation = _clockwise(frame.rotation)
        turned = rotation in (90, 270)
        space, tagged = colour.colour_space(frame)
        seconds: float | None = None
        if stream.duration is not None and stream.time_base is not None:
            seconds = float(stream.duration * stream.time_base)
        elif container.duration is not None and len(container.streams) == 1:
            seconds = container.duration / 1_000_000
        return VideoInfo(
            path=str(self._path),
            width=frame.height if turned else frame.width,
            height=frame.width if turned else frame.height,
            stored_width=frame.width,
            stored_height=frame.height,
            codec=stream.codec_context.name,
            pixel_format=frame.format.name,
            bit_depth=frame.format.components[0].bits,
            fps=float(self._rate) if self._rate else None,
            duration=seconds,
            frames_declared=stream.frames or None,
            rotation=rotation,
            colour_space=space,
            colour_tagged=tagged,
            colour_range=colour.colour_range(frame),
            has_audio=len(container.streams.audio) > 0,
            container=container.format.name,
            start=self._timeline.start,
            colour_transfer=colour.transfer(frame),
        )


def _clockwise(counterclockwise: int) -> Rotation:
    """Return the nearest quarter turn, clockwise, of FFmpeg's counterclockwise angle."""
    return cast(Rotation, round(-counterclockwise / 90) % 4 * 90)
