"""Decode a video file with PyAV, packet by packet, past whatever is broken in it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from lvbench.video.containers.asf_packets import asf_fault
from lvbench.video.containers.chains import flv_fault, gif_fault, ogg_fault, riff_fault
from lvbench.video.containers.container_end import missing_end
from lvbench.video.containers.ebml_elements import ebml_fault
from lvbench.video.containers.ffmpeg_log import DamageLog
from lvbench.video.containers.iso_fragments import fragments_fault
from lvbench.video.containers.iso_index import index_fault
from lvbench.video.containers.mpeg_packs import PictureNumbers, packs_fault, transport_fault
from lvbench.video.containers.raw_format import RawFormat
from lvbench.video.decoding import colour
from lvbench.video.decoding.opening import open_container
from lvbench.video.decoding.orientation import orientation, rotator
from lvbench.video.decoding.picture import Picture
from lvbench.video.frames import Planes, Products
from lvbench.video.info import VideoInfo
from lvbench.video.outcome import DecodeOutcome, Evidence, outcome_of
from lvbench.video.problems import blame_file, decode_error, reading, require_sane_size
from lvbench.video.timing.timeline import Timeline

if TYPE_CHECKING:
    from av import Packet, VideoFrame
    from av.video.stream import VideoStream

_MAX_READ_FAILURES = 16  # in a row; a container that gives no packet after so many is at its end
# These have no presentation times; those that FFmpeg makes up are out of order with B-frames.
# The decoding times of the decoder's frames are in order, one step per frame.
UNSTAMPED = frozenset({"asf", "avi", "h264", "hevc", "m4v"})
# The check of a file's structure, by FFmpeg's name of its container.
_STRUCTURES = {
    "avi": riff_fault,
    "flv": flv_fault,
    "gif": gif_fault,
    "matroska,webm": ebml_fault,
    "mpeg": packs_fault,
    "mpegts": transport_fault,
    "ogg": ogg_fault,
}
# Of these, the containers that state how long the pictures last.
_STATE_DURATION = {"avi", "flv", "gif", "matroska,webm"}
# Streams without a container.
_BARE = frozenset({"h264", "hevc", "m4v", "obu", "av1"})
# Streams that may be joined by writing one file after the other.
_JOINABLE = frozenset({"mpegts", "mpeg"})
_NUMBERED = ("mpeg1video", "mpeg2video")
# FFmpeg marks one of the last two packets before another recording as corrupt: its end is missing.
_DOUBTED = 2
_COUNTLESS = 1 << 30  # FFmpeg's number of frames where it cannot seek back
_FALLBACK_RATE = 25.0  # Hz, for the nominal interval where the container states none


class PyavSource:
    """Decode the pictures of one video file in order.

    Args:
        path: The file.
        products: The pictures to make of every frame.
        threads: Decoder threads. Damaged streams may be concealed differently with more than
            one, so runs use one thread per video and several videos at a time.
        raw: Format of the file, if it is raw planar YUV.

    Raises:
        VideoDecodeError: With a stable code, if no frame can be decoded.
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
        # Messages while FFmpeg probes the streams are no evidence: it reads half frames.
        self._log.count, self._log.first = 0, ""
        self._stream.codec_context.thread_count = threads
        self._stream.thread_type = "AUTO" if threads > 1 else "SLICE"
        self._rate = rate = self._nominal_rate(raw)
        interval = 1 / float(rate) if rate else 1 / _FALLBACK_RATE
        self._stamped = self._container.format.name not in UNSTAMPED
        tick = self._stream.time_base or Fraction(1, 1000)
        time_base = Fraction(tick.numerator, tick.denominator)
        self._decoding_time: int | None = None
        self._doubtful: deque[bool] = deque()
        self._first_shown: int | None = None
        codec = self._stream.codec_context.name
        self._numbers = PictureNumbers() if codec.startswith(_NUMBERED) else None
        self._hides = codec.startswith("vp8")
        self._timeline = Timeline(time_base, interval, stamped=self._stamped)
        self._evidence.interval = self._evidence.last_interval = interval
        self._evidence.missing_end = missing_end(self._path)
        self._note_container()
        self._decoded = self._decode()
        first = next(self._decoded, None)
        if first is None:
            raise decode_error("no_frames", self._path, "not one frame can be decoded")
        require_sane_size(self._path, first[1].width, first[1].height)
        self._first = first
        self._orientation = orientation(first[1])
        self._turn = self._orientation.turn
        angle = self._orientation.angle
        self._rotate = rotator(first[1], angle) if angle else None
        self.info = self._describe(first[1])

    def _nominal_rate(self, raw: RawFormat | None) -> Fraction | None:
        """Return the rate in Hz that the container states, or the stream where there is none."""
        if self._container.format.name not in _BARE:
            stated = self._stream.average_rate
            if not stated:
                return None if raw is None else Fraction(raw.rate)
            return Fraction(stated.numerator, stated.denominator)
        # FFmpeg assumes 25 Hz for these, whatever their rate.
        if not self._stream.codec_context.framerate:
            raise decode_error("no_rate", self._path, "a bare stream that states no frame rate")
        guessed = self._stream.guessed_rate
        return Fraction(guessed.numerator, guessed.denominator) if guessed else None

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
        """Return the outcome of decoding so far."""
        self._evidence.log_errors = self._log.count
        self._evidence.log_first = f"FFmpeg: {self._log.first}"
        self._evidence.time_repairs = self._timeline.repairs
        self._evidence.time_repeats = self._timeline.repeats
        self._evidence.restarts = self._timeline.restarts
        return outcome_of(self._evidence, self.info)

    def close(self) -> None:
        """Close the file and the decoder."""
        if hasattr(self, "_container"):
            if self._log.every_thread:
                # Threads that still run would log into an interpreter that waits for them to end.
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
        if self._rotate:
            frame = self._rotate(frame)
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
            self._turned(colour.coded_planes(frame, full)) if wanted.planes else None,
        )

    def _turned(self, planes: Planes) -> Planes:
        u, v = (None if p is None else self._turn(p) for p in (planes.u, planes.v))
        return Planes(self._turn(planes.y), u, v, planes.bits)

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
            if self._joined_on(packet):
                self._timeline.expect_restart()
                self._doubtful.clear()
            if len(self._doubtful) == _DOUBTED:
                self._evidence.corrupt += self._doubtful.popleft()
            self._doubtful.append(packet.is_corrupt)
            self._count(packet)
            yield packet
        self._evidence.corrupt += sum(self._doubtful)
        yield None

    def _count(self, packet: Packet[VideoStream]) -> None:
        """Count the packets that should become a frame each."""
        found = self._evidence
        if self._numbers:
            found.gaps = found.gaps or self._numbers.gap(bytes(packet))
        if packet.size == 0 and packet.dts is None:  # the end
            return
        found.packets_listed += 1
        if packet.is_discard or packet.size == 0 or (self._hides and _is_hidden(packet)):
            return
        if not found.packets and packet.is_keyframe:
            self._first_shown = packet.pts
        # A first group that is open begins with frames that need the group before it.
        first, pts = self._first_shown, packet.pts
        leads = first is not None and pts is not None and pts < first
        found.packets = (found.packets or 0) + (not leads)

    def _joined_on(self, packet: Packet[VideoStream]) -> bool:
        """Return whether another recording begins: a key frame of a stream, earlier than before."""
        before, self._decoding_time = self._decoding_time, packet.dts
        earlier = before is not None and packet.dts is not None and packet.dts < before
        return earlier and packet.is_keyframe and self._container.format.name in _JOINABLE

    def _note_container(self) -> None:
        """Note the content that the container states."""
        found, stream, name = self._evidence, self._stream, self._container.format.name
        if name in _STRUCTURES:
            with reading(self._path):
                found.index_fault = _STRUCTURES[name](self._path)
            found.whole = name in _STATE_DURATION
        if name == "asf":
            with reading(self._path):
                found.index_fault, found.packets_declared = asf_fault(self._path, stream.id)
        if name == "avi" and 0 < stream.frames < _COUNTLESS:
            # Its index leaves out the empty chunks of repeated frames; it may be lost.
            listed = len(stream.index_entries)
            found.packets_declared = listed if listed > 1 else stream.frames
        if "mp4" not in name:
            return
        rate = stream.codec_context.framerate
        found.index_fault = index_fault(self._path, stream.id, float(rate) if rate else None)
        fault, found.packets_declared = fragments_fault(self._path, stream.id)
        found.index_fault = found.index_fault or fault
        # An ISO file's index knows which frames its edit list shows.
        listed = len(stream.index_entries)
        shown = sum(not entry.is_discard for entry in stream.index_entries)
        found.frames_expected, found.frames_left_out = shown or None, listed - shown

    def _describe(self, frame: VideoFrame) -> VideoInfo:
        stream, container = self._stream, self._container
        turned = self._orientation.rotation in (90, 270)
        space, tagged = colour.colour_space(frame)
        seconds: float | None = None
        if stream.frames >= _COUNTLESS:
            seconds = None
        elif stream.duration is not None and stream.time_base is not None:
            seconds = float(stream.duration * stream.time_base)
        elif container.duration is not None and len(container.streams) == 1:
            seconds = container.duration / 1_000_000
        return VideoInfo(
            path=str(self._path),
            width=frame.height if turned else frame.width,
            height=frame.width if turned else frame.height,
            codec=stream.codec_context.name,
            pixel_format=frame.format.name,
            bit_depth=frame.format.components[0].bits,
            fps=float(self._rate) if self._rate else None,
            duration=seconds,
            frames_declared=stream.frames or None,
            rotation=self._orientation.rotation,
            mirrored=self._orientation.mirrored,
            colour_space=space,
            colour_tagged=tagged,
            colour_range=colour.colour_range(frame),
            has_audio=len(container.streams.audio) > 0,
            container=container.format.name,
            start=self._timeline.start,
            colour_transfer=colour.transfer(frame),
            flags=tuple(flag for flag, holds in self._traits(frame).items() if holds),
        )

    def _traits(self, frame: VideoFrame) -> dict[str, bool]:
        aspect = self._stream.sample_aspect_ratio
        return {
            "interlaced": frame.interlaced_frame,
            "non_square_pixels": bool(aspect) and aspect != 1,
            "alpha_dropped": any(part.is_alpha for part in frame.format.components)
            and self._container.format.name != "gif",  # FFmpeg gives every GIF such a format
            "high_dynamic_range": colour.transfer(frame) in ("pq", "hlg"),
        }


def _is_hidden(packet: Packet[VideoStream]) -> bool:
    """Return whether a VP8 frame is a reference for others and is not shown."""
    return not bytes(packet)[0] & 0x10
