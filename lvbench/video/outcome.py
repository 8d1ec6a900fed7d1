"""Judge how well a video was decoded, from the evidence gathered on the way.

No decoder says by itself that a video is damaged: a cut Matroska file and flipped bits pass in
silence. So the container's own sizes, the decoder's errors, its log and the frames that came out
are weighed together. The first that applies gives the status and its code:

| status | code | evidence |
|---|---|---|
| unreadable | `no_frames` | not one frame could be decoded |
| truncated | `file_cut` | the file is shorter than its container declares |
| damaged | `size_changed` | frames change their size; the rest is left out |
| damaged | `read_errors` | the container could not be read on |
| damaged | `decode_errors` | packets that the decoder refused, or concealed damage (its log) |
| damaged | `times_repaired` | time stamps missing, repeated or running backwards |
| damaged | `frames_missing` | fewer frames than the container lists |
| truncated | `ends_early` | the last frame ends well before the stream's duration |
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lvbench.video.info import VideoInfo

DecodeStatus = Literal["ok", "truncated", "damaged", "unreadable"]


@dataclass(slots=True)
class Evidence:
    """Gather what happens while a video is decoded.

    Attributes:
        frames: Frames given out.
        first_pts: Time of the first frame in seconds (0 by construction), None before it.
        last_pts: Time of the last frame in seconds, None before the first.
        interval: Seconds between the last two frames; the nominal interval before that.
        last_interval: Seconds for which the last frame is shown: its packet's duration; where the
            container states none, the interval before it, or the nominal one.
        decode_errors: Packets that the decoder refused.
        read_errors: Failures of the container to give the next packet.
        corrupt: Packets and frames that FFmpeg itself marked as corrupt.
        log_errors: Error messages of FFmpeg.
        log_first: The first of them.
        time_repairs: Time stamps that had to be made up.
        size_change: The sizes before and after a change, or an empty string.
        missing_end: How the file falls short of its container's sizes, or None.
        frames_expected: Frames that the container's index lists for showing, or None.
    """

    frames: int = 0
    first_pts: float | None = None
    last_pts: float | None = None
    interval: float = 0.0
    last_interval: float = 0.0
    decode_errors: int = 0
    read_errors: int = 0
    corrupt: int = 0
    log_errors: int = 0
    log_first: str = ""
    time_repairs: int = 0
    size_change: str = ""
    missing_end: str | None = None
    frames_expected: int | None = None

    def saw(self, time: float, shown: float | None = None) -> None:
        """Count a frame at `time` seconds that is `shown` for so long, if the container says."""
        if self.last_pts is None:
            self.first_pts = time
        else:
            self.interval = time - self.last_pts
        self.last_interval = shown or self.interval or self.last_interval
        self.last_pts = time
        self.frames += 1


@dataclass(frozen=True, slots=True)
class DecodeOutcome:
    """Say how a video's decoding ended.

    Attributes:
        status: `ok`, `truncated`, `damaged` or `unreadable`.
        code: Stable code of the reason; `ok` where there is none.
        detail: The evidence in words.
        frames: Frames given out.
        first_pts: Time of the first frame in seconds, or None without frames.
        last_pts: Time of the last frame in seconds, or None without frames.
        duration: Seconds from the first frame to the end of the last.
        decode_errors: Packets refused or marked corrupt.
        concealed: Error messages in FFmpeg's log.
        time_repairs: Time stamps that had to be made up.
    """

    status: DecodeStatus
    code: str
    detail: str
    frames: int
    first_pts: float | None
    last_pts: float | None
    duration: float
    decode_errors: int
    concealed: int
    time_repairs: int


def judge(evidence: Evidence, info: VideoInfo) -> DecodeOutcome:
    """Return the outcome that the evidence supports."""
    span = (evidence.last_pts or 0.0) - (evidence.first_pts or 0.0)
    duration = span + evidence.last_interval
    status, code, detail = _verdict(evidence, info, duration)
    return DecodeOutcome(
        status,
        code,
        detail,
        evidence.frames,
        evidence.first_pts,
        evidence.last_pts,
        duration,
        evidence.decode_errors + evidence.corrupt,
        evidence.log_errors,
        evidence.time_repairs,
    )


def _verdict(evidence: Evidence, info: VideoInfo, duration: float) -> tuple[DecodeStatus, str, str]:
    if evidence.frames == 0:
        return "unreadable", "no_frames", "not one frame could be decoded"
    if evidence.missing_end:
        return "truncated", "file_cut", evidence.missing_end
    if evidence.size_change:
        return "damaged", "size_changed", evidence.size_change
    if evidence.read_errors:
        return "damaged", "read_errors", f"{evidence.read_errors} failures to read on"
    if evidence.decode_errors or evidence.corrupt or evidence.log_errors:
        refused = evidence.decode_errors + evidence.corrupt
        said = f"; FFmpeg: {evidence.log_first}" if evidence.log_first else ""
        found = f"{refused} packets refused or corrupt, {evidence.log_errors} messages{said}"
        return "damaged", "decode_errors", found
    if evidence.time_repairs:
        return "damaged", "times_repaired", f"{evidence.time_repairs} time stamps made up"
    return _shortfall(evidence, info, duration)


def _shortfall(
    evidence: Evidence, info: VideoInfo, duration: float
) -> tuple[DecodeStatus, str, str]:
    expected = evidence.frames_expected
    if expected is not None:
        # An open group of pictures at the start may cost its first two leading frames.
        if expected - evidence.frames > max(2, expected // 100):
            return "damaged", "frames_missing", f"{evidence.frames} of {expected} frames"
    elif info.duration is not None:
        short = info.duration - duration
        if short > max(0.5, 3 * evidence.interval):
            return "truncated", "ends_early", f"{duration:.3f} of {info.duration:.3f} s"
    return "ok", "ok", ""
