"""Determine how well a video was decoded, from the evidence collected during decoding.

No decoder reports all damage: a cut Matroska file and flipped bits pass without an error. So the
container's own sizes, the decoder's errors, its log and the decoded frames are checked together.
The first row that applies gives the status and its code:

| status | code | evidence |
|---|---|---|
| unreadable | `no_frames` | no frame could be decoded |
| truncated | `file_cut` | the file is shorter than its container declares |
| damaged | `index_broken` | the container's own tables or checksums contradict each other |
| damaged | `size_changed` | frames change their size; the rest is left out |
| damaged | `read_errors` | the container could not be read on |
| damaged | `decode_errors` | packets that the decoder refused, or concealed damage (its log) |
| damaged | `times_repaired` | time stamps missing or running backwards, or many repeated |
| damaged | `frames_missing` | fewer frames than the container or the numbers of files list |
| truncated | `ends_early` | the last frame ends well before the stream's duration |

Other findings go into `flags`:

| flag | evidence |
|---|---|
| `times_repaired` | repeated time stamps, in at most 1 % of the frames (or one) |
| `edited` | an edit list leaves out frames of the file |
| `recordings_joined` | a second recording follows in the same file, with a clock of its own |
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lvbench.video.info import VideoInfo

_REPEATED_SHARE = 0.01  # of the frames; phones and recorders write one equal stamp now and then

_MOST_EXCESS = 1.0  # seconds beyond twice the stated duration, which live streams state roughly
_SHORTEST_LACK = 0.1  # seconds; durations in headers are rounded, and some count from 0

DecodeStatus = Literal["ok", "truncated", "damaged", "unreadable"]


@dataclass(slots=True)
class Evidence:
    """Collect what happens while a video is decoded.

    Attributes:
        frames: Frames yielded.
        last_pts: Time of the last frame in seconds, from the first; None before it.
        interval: Seconds between the last two frames; the nominal interval before that.
        last_interval: Seconds for which the last frame is shown: its packet's duration; where the
            container states none, the interval before it, or the nominal one.
        decode_errors: Packets that the decoder refused.
        read_errors: Failures of the container to give the next packet.
        corrupt: Packets and frames that FFmpeg itself marked as corrupt.
        log_errors: Error messages of the library that decodes.
        log_first: The first of them, with the name of the library or the file.
        time_repairs: Time stamps that had to be made up.
        time_repeats: Those of them that are equal to the one before.
        restarts: Places where another recording was joined on.
        gaps: Which frames are missing between others, or an empty string.
        size_change: The sizes before and after a change, or an empty string.
        missing_end: How the file falls short of its container's sizes, or None.
        frames_expected: Frames that the container's index lists for showing, or None.
        whole: Whether the container's structure was checked and has all that it lists: a
            duration beyond its last frame is then that frame's.
        frames_left_out: Frames that are listed but that an edit list does not show.
        index_fault: How the container contradicts itself, or an empty string.
        packets: Coded pictures read that are to be shown; None where they are not counted.
        packets_declared: Coded pictures that the container declares, or None.
        packets_listed: Coded pictures read, including those not to be shown.
    """

    frames: int = 0
    last_pts: float | None = None
    interval: float = 0.0
    last_interval: float = 0.0
    decode_errors: int = 0
    read_errors: int = 0
    corrupt: int = 0
    log_errors: int = 0
    log_first: str = ""
    time_repairs: int = 0
    time_repeats: int = 0
    restarts: int = 0
    gaps: str = ""
    size_change: str = ""
    missing_end: str | None = None
    frames_expected: int | None = None
    whole: bool = False
    frames_left_out: int = 0
    index_fault: str = ""
    packets: int | None = None
    packets_declared: int | None = None
    packets_listed: int = 0

    def saw(self, time: float, shown: float | None = None) -> None:
        """Count a frame at `time` seconds; `shown` is its duration, if the container states it."""
        if self.last_pts is not None:
            self.interval = time - self.last_pts
        self.last_interval = shown or self.interval or self.last_interval
        self.last_pts = time
        self.frames += 1


@dataclass(frozen=True, slots=True)
class DecodeOutcome:
    """Describe how a video's decoding ended.

    Attributes:
        status: `ok`, `truncated`, `damaged` or `unreadable`.
        code: Stable code of the reason; `ok` where there is none.
        detail: The evidence.
        frames: Frames yielded.
        duration: Seconds from the first frame to the end of the last.
        decode_errors: Packets refused or marked corrupt.
        concealed: Error messages of the library that decodes.
        time_repairs: Time stamps that had to be made up.
        flags: Findings that are no damage; see the module.
    """

    status: DecodeStatus
    code: str
    detail: str
    frames: int
    duration: float
    decode_errors: int
    concealed: int
    time_repairs: int
    flags: tuple[str, ...] = ()


def outcome_of(evidence: Evidence, info: VideoInfo) -> DecodeOutcome:
    """Return the outcome that the evidence supports."""
    duration = (evidence.last_pts or 0.0) + evidence.last_interval
    if evidence.whole and not evidence.index_fault and not evidence.frames_left_out:
        duration = max(duration, info.duration or 0.0)
    status, code, detail = _verdict(evidence, info, duration)
    return DecodeOutcome(
        status,
        code,
        detail,
        evidence.frames,
        duration,
        evidence.decode_errors + evidence.corrupt,
        evidence.log_errors,
        evidence.time_repairs,
        _flags(evidence),
    )


def _flags(evidence: Evidence) -> tuple[str, ...]:
    flags = {
        "times_repaired": evidence.time_repairs > 0,
        "edited": evidence.frames_left_out > 0,
        "recordings_joined": evidence.restarts > 0,
    }
    return tuple(flag for flag, holds in flags.items() if holds)


def _few_repeats(evidence: Evidence) -> bool:
    """Return whether all repairs are of repeated stamps, and those are few."""
    most = max(1, int(_REPEATED_SHARE * evidence.frames))
    return evidence.time_repairs == evidence.time_repeats <= most


def _verdict(evidence: Evidence, info: VideoInfo, duration: float) -> tuple[DecodeStatus, str, str]:
    if evidence.frames == 0:
        return "unreadable", "no_frames", "not one frame could be decoded"
    if evidence.missing_end:
        return "truncated", "file_cut", evidence.missing_end
    if evidence.index_fault:
        return "damaged", "index_broken", evidence.index_fault
    if evidence.size_change:
        return "damaged", "size_changed", evidence.size_change
    if evidence.read_errors:
        return "damaged", "read_errors", f"{evidence.read_errors} failures to read on"
    if evidence.decode_errors or evidence.corrupt or evidence.log_errors:
        refused = evidence.decode_errors + evidence.corrupt
        said = f"; {evidence.log_first}" if evidence.log_first else ""
        found = f"{refused} packets refused or corrupt, {evidence.log_errors} messages{said}"
        return "damaged", "decode_errors", found
    if evidence.gaps:
        return "damaged", "frames_missing", evidence.gaps
    if not _few_repeats(evidence):
        return "damaged", "times_repaired", f"{evidence.time_repairs} time stamps made up"
    return _shortfall(evidence, info, duration)


def _shortfall(
    evidence: Evidence, info: VideoInfo, duration: float
) -> tuple[DecodeStatus, str, str]:
    came = evidence.frames if evidence.packets is None else evidence.packets
    counts = (
        (came, evidence.frames_expected),
        (evidence.packets_listed, evidence.packets_declared),
        (evidence.frames, evidence.packets),
    )
    for came, expected in counts:
        if expected is not None and came < expected:
            return "damaged", "frames_missing", f"{came} of {expected} frames"
    if info.duration is not None and not evidence.frames_left_out:
        short = info.duration - duration
        if short > max(_SHORTEST_LACK, 1.5 * evidence.interval):
            return "truncated", "ends_early", f"{duration:.3f} of {info.duration:.3f} s"
        last = evidence.last_pts or 0.0
        if evidence.whole and not evidence.restarts and last > 2 * info.duration + _MOST_EXCESS:
            found = f"a frame comes at {last:.3f} s, and the file states {info.duration:.3f} s"
            return "damaged", "index_broken", found
    return "ok", "ok", ""
