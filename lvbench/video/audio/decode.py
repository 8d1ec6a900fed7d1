"""Read the audio of a video as a stream of chunks, in step with its pictures.

Audio has a container handle of its own. One handle for both would have to buffer the track that is
far ahead of the other in the file (a badly interleaved file has all its audio after all its
pictures), and damage in one track would disturb the other. The handle reads the file again, but
decodes audio alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import numpy as np

from lvbench.video.audio.samples import AudioBlock, as_float, audio_error, usual_channels
from lvbench.video.containers.ffmpeg_log import DamageLog
from lvbench.video.decoding.opening import open_container
from lvbench.video.decoding.pyav_source import UNSTAMPED
from lvbench.video.problems import blame_file

if TYPE_CHECKING:
    from av import AudioFrame, Packet
    from av.audio.stream import AudioStream
    from av.container import InputContainer

_DEFAULT = 0x0001  # FFmpeg's mark of the track to choose by default
_FILL_SECONDS = 1.0  # a gap in the audio is filled in pieces no longer than this
_MAX_READ_FAILURES = 16  # in a row, as for pictures

# Containers round time stamps, to 1 ms in Matroska; a smaller difference is no gap.
_STAMP_TOLERANCE = 0.010
# A step back by more than this begins a joined recording, and a jump ahead by more than
# `_LONGEST_HOLE` is a broken time stamp: neither is followed.
_DISCONTINUITY = 1.0
_LONGEST_HOLE = 600.0


class AudioReader:
    """Yield the audio of a video file in chunks, once, past whatever is broken in it.

    Where time stamps leave a gap of more than 10 ms, silence fills it. All else that is dropped or
    made up is damage, which `check` reports when all is read.

    Args:
        path: The video file, or a folder of images, which has no audio.
        start: Time stamp of the first picture in seconds (`VideoInfo.start`).

    Raises:
        VideoDecodeError: Code `no_audio`: there is no audio track; other codes as for pictures.
    """

    def __init__(self, path: str | Path, start: float = 0.0) -> None:
        self._path, self._start = Path(path), start
        if self._path.is_dir():
            raise audio_error("no_audio", path, "a folder of images")
        self._damage: list[str] = []
        self._refused = 0
        self._log = DamageLog(every_thread=False)
        try:
            with self._log.listen():
                self._container, pictures = open_container(self._path)
            if self._container.format.name in UNSTAMPED:
                # The first picture's stamp is that of its decoding, which was later.
                self._start = float((pictures.start_time or 0) * (pictures.time_base or 0))
            self._stream = _audio_stream(self._container, self._path)
            self._stream.codec_context.thread_count = 1
            self._log.count, self._log.first = 0, ""
        except BaseException:
            self.close()
            raise

    def __iter__(self) -> Iterator[AudioBlock]:
        clock: AudioClock | None = None
        form: tuple[int, tuple[str, ...]] | None = None
        for frame in self._frames():
            if frame.samples == 0:
                continue
            found = frame.sample_rate, _channels(frame)
            if form is None or clock is None:
                form, clock = found, AudioClock(found[0])
            if found != form:
                self._damage.append(f"{form[0]} Hz {form[1]} became {found[0]} Hz {found[1]}")
                break
            yield from self._placed(frame, clock, *form)
        if clock is None:
            self._damage.append("not one sample can be decoded")
        elif clock.repairs:
            self._damage.append(f"{clock.repairs} time stamps that run backwards or leap")

    def check(self) -> None:
        """Raise an error if the audio read so far is damaged.

        Raises:
            VideoDecodeError: Code `audio_damaged`.
        """
        found = list(self._damage)
        if self._refused or self._log.count:
            said = f"; FFmpeg: {self._log.first}" if self._log.first else ""
            found.append(f"{self._refused} packets refused, {self._log.count} messages{said}")
        if found:
            raise audio_error("audio_damaged", self._path, "; ".join(found))

    def __enter__(self) -> AudioReader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; harmless when called again."""
        if hasattr(self, "_container"):
            self._container.close()
        self._log.close()

    def _placed(
        self, frame: AudioFrame, clock: AudioClock, rate: int, channels: tuple[str, ...]
    ) -> Iterator[AudioBlock]:
        """Yield the frame's samples at their time, after the silence that fills a gap."""
        stamp = None
        if frame.pts is not None and frame.time_base is not None:
            stamp = float(frame.pts * frame.time_base) - self._start
        samples = as_float(frame.to_ndarray(), len(channels), planar=frame.format.is_planar)
        hole, overlap = clock.place(stamp, len(samples))
        piece = max(1, int(_FILL_SECONDS * rate))
        while hole > 0:
            fill = np.zeros((min(hole, piece), len(channels)), np.float32)
            yield AudioBlock(clock.time, rate, fill, channels, missing=True)
            clock.advance(len(fill))
            hole -= len(fill)
        kept = samples[overlap:]
        if len(kept):
            yield AudioBlock(clock.time, rate, kept, channels)
            clock.advance(len(kept))

    def _frames(self) -> Iterator[AudioFrame]:
        for packet in self._packets():
            try:
                with self._log.listen():
                    frames = self._stream.decode(packet)
            except EOFError:
                return
            except Exception as error:
                blame_file(error)
                self._refused += 1
                continue
            yield from frames

    def _packets(self) -> Iterator[Packet[AudioStream] | None]:
        failures = 0
        packets = self._container.demux(self._stream)
        while failures < _MAX_READ_FAILURES:
            try:
                with self._log.listen():
                    packet = next(packets, None)
            except Exception as error:
                blame_file(error)
                self._refused += 1
                failures += 1
                packets = self._container.demux(self._stream)
                continue
            if packet is None:
                return
            failures = 0
            self._refused += packet.is_corrupt
            yield packet
        yield None


def _channels(frame: AudioFrame) -> tuple[str, ...]:
    names = tuple(channel.name for channel in frame.layout.channels)
    return usual_channels(len(names)) if "NONE" in names else names


def _audio_stream(container: InputContainer, path: Path) -> AudioStream:
    """Return the track that players choose: the first one marked as default, else the first."""
    tracks = container.streams.audio
    if not tracks:
        found = f"{len(container.streams)} tracks, none with audio"
        raise audio_error("no_audio", path, found)
    marked = (track for track in tracks if int(track.disposition) & _DEFAULT)
    chosen = next(marked, tracks[0])
    if chosen.codec_context is None:
        raise audio_error("audio_damaged", path, "no decoder for its audio track")
    return chosen


class AudioClock:
    """Count samples; compute the silence to insert and the samples to drop by time stamps.

    Args:
        rate: Samples per second.

    Attributes:
        repairs: Time stamps that overlap earlier samples, or that were not followed.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._origin = 0.0
        self._count = 0
        self._shift = 0.0
        self._begun = False
        self.repairs = 0

    @property
    def time(self) -> float:
        """Return the time in seconds of the next sample."""
        return self._origin + self._count / self._rate

    def advance(self, samples: int) -> None:
        """Count samples that were yielded."""
        self._count += samples

    def place(self, stamp: float | None, length: int) -> tuple[int, int]:
        """Return the samples of silence to yield before a run, and those to drop from it.

        Args:
            stamp: The run's time in seconds; None to follow the samples before.
            length: Its samples.
        """
        if not self._begun:
            self._begun = True
            self._origin = stamp or 0.0
            return 0, 0
        if stamp is None:
            return 0, 0
        late = stamp + self._shift - self.time
        if abs(late) <= _STAMP_TOLERANCE:
            return 0, 0
        if late < -_DISCONTINUITY or late > _LONGEST_HOLE:
            self._shift -= late
            self.repairs += 1
            return 0, 0
        if late > 0:
            return round(late * self._rate), 0
        self.repairs += 1
        return 0, min(length, round(-late * self._rate))
