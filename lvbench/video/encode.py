"""Write frames to a video file.

The same frames give the same bytes with every encoder but libx265, whose lookahead differs from
run to run.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from platform import machine
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import StorageError, UsageError
from lvbench.video.audio.encode import AudioTrack
from lvbench.video.audio.samples import AudioBlock

if TYPE_CHECKING:
    from av import VideoFrame
    from av.container import OutputContainer
    from av.video.reformatter import VideoReformatter
    from av.video.stream import VideoStream

_DEFAULT_CRF = {"libx264": 18, "libx264rgb": 18, "libx265": 20, "libvpx-vp9": 24, "libsvtav1": 24}
_RGB_FORMATS = {"libx264rgb": "rgb24", "ffv1": "bgr0", "gif": "rgb8"}
# x264's AVX-512 code gives other bytes each time, even on one thread; SSE4.2 is on every x86-64
# machine and gives the same on all of them.
_X264_REPEATABLE = {"x264-params": "asm=sse4.2"} if machine() in ("x86_64", "AMD64") else {}
_STORAGE_ERRNO = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOENT, errno.EFBIG}
    | {errno.EIO, errno.ENOTDIR, errno.EISDIR}
)


@dataclass(frozen=True, slots=True)
class _Settings:
    codec: str
    lossless: bool
    crf: int | None
    gop: int | None
    pixel_format: str | None
    options: dict[str, str]


def write_video(
    path: str | Path,
    chunks: Iterable[NDArray[np.uint8]],
    fps: float | Fraction,
    *,
    codec: str = "libx264",
    lossless: bool = False,
    crf: int | None = None,
    gop: int | None = None,
    pixel_format: str | None = None,
    options: dict[str, str] | None = None,
    audio: Iterable[AudioBlock] = (),
    numbers: Sequence[int] | None = None,
) -> int:
    """Encode RGB frames, atomically: the file appears when it is complete, or not at all.

    Colours are converted with BT.601 in limited range and left untagged, which every decoder
    reads back the same way.

    Args:
        path: File to write; its suffix names the container.
        chunks: Frames in order, each chunk `uint8 (T, H, W, 3)` RGB, all of one size.
        fps: Constant rate in Hz.
        codec: FFmpeg's name of the encoder.
        lossless: Keep every RGB value (libx264 becomes libx264rgb); with a YUV `pixel_format`,
            every value after the conversion to it. For libx264 and ffv1.
        crf: Constant quality; lower is better. None takes a usual value for the codec.
        gop: Frames between key frames; None takes two seconds.
        pixel_format: None takes yuv420p, or yuv444p where a side is odd, or the RGB format of an
            encoder that knows no YUV.
        options: Further options of the encoder.
        audio: Audio from time 0 on, mono or stereo; written as FLAC of 16 bits, in WebM as
            Opus.
        numbers: Time of each frame in frames of `fps`, increasing, for a variable rate; None for
            a constant one.

    Returns:
        The number of frames written.

    Raises:
        UsageError: If there are no frames, they change size, the rate is not positive, or FFmpeg
            does not know the container, codec or pixel format, or refuses the combination.
        StorageError: If the file cannot be written.

    Examples:
        >>> import numpy as np
        >>> from lvbench.video.encode import write_video
        >>> grey = np.full((16, 48, 64, 3), 128, np.uint8)
        >>> write_video("grey.mp4", [grey], fps=8)
        16
    """
    path = Path(path)
    if not 0 < fps < float("inf"):
        raise _usage(path, f"fps = {fps}", "give a positive rate")
    if lossless and codec == "libx264" and pixel_format is None:
        codec = "libx264rgb"
    settings = _Settings(codec, lossless, crf, gop, pixel_format, options or {})
    unfinished = path.with_name(f".{path.stem}.{os.getpid()}.partial{path.suffix}")
    try:
        rate = Fraction(fps).limit_denominator(1001)
        count = _encode(unfinished, path, chunks, rate, settings, audio, numbers)
        with _write_errors(path):
            with unfinished.open("rb") as file:
                os.fsync(file.fileno())
            unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return count


def _encode(
    unfinished: Path,
    path: Path,
    chunks: Iterable[NDArray[np.uint8]],
    rate: Fraction,
    settings: _Settings,
    audio: Iterable[AudioBlock],
    numbers: Sequence[int] | None,
) -> int:
    import av
    from av.video.reformatter import VideoReformatter

    with _write_errors(path):
        container = av.open(str(unfinished.absolute()), "w")
    count, stream, track, size = 0, None, None, (0, 0, 0)
    reformatter = VideoReformatter()
    try:
        for chunk in chunks:
            for rgb in chunk:
                if track is None:
                    track = AudioTrack(audio, partial(_write_errors, path))
                with _write_errors(path):
                    if stream is None:
                        size = rgb.shape
                        stream = _add_stream(container, rate, size, settings)
                        track.begin(container)
                    if rgb.shape != size:
                        found = f"frame {count} is {rgb.shape}, the first is {size}"
                        raise _usage(path, found, "give all frames one size")
                    frame = _converted(rgb, stream.pix_fmt or "yuv420p", reformatter)
                    at = count if numbers is None else int(numbers[count])
                    frame.pts, frame.time_base = at, 1 / rate
                    with _scheduling_kept():
                        container.mux(stream.encode(frame))
                track.until(float(at / rate))
                count += 1
        if stream is None or track is None:
            raise _usage(path, "no frames", "give at least one frame")
        with _write_errors(path):
            container.mux(stream.encode(None))
        track.finish()
    finally:
        with _write_errors(path):
            container.close()
    return count


@contextmanager
def _scheduling_kept() -> Iterator[None]:
    """Restore the scheduling policy of this thread, which its child processes inherit.

    SVT-AV1 gives the thread that opens it, if root runs it, the highest real-time priority.
    """
    if not hasattr(os, "sched_getscheduler"):
        yield
        return
    policy, parameters = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        yield
    finally:
        if os.sched_getscheduler(0) != policy:
            os.sched_setscheduler(0, policy, parameters)


def _add_stream(
    container: OutputContainer, rate: Fraction, shape: tuple[int, ...], settings: _Settings
) -> VideoStream:
    from av.codec.context import Flags as CodecFlags
    from av.container.core import Flags as ContainerFlags

    height, width = shape[:2]
    options = _options(settings, rate)
    stream = cast("VideoStream", container.add_stream(settings.codec, rate=rate, options=options))
    stream.width, stream.height = width, height
    yuv = "yuv420p" if width % 2 == 0 and height % 2 == 0 else "yuv444p"
    stream.pix_fmt = settings.pixel_format or _RGB_FORMATS.get(settings.codec, yuv)
    # Neither the encoder's threads nor the library's version and the date may change the bytes.
    context = stream.codec_context
    context.thread_count = 1
    context.flags = int(context.flags) | CodecFlags.bitexact.value
    container.flags |= cast(int, ContainerFlags.bitexact.value)
    return stream


def _options(settings: _Settings, rate: Fraction) -> dict[str, str]:
    options = {"g": str(settings.gop or max(1, round(2 * rate)))}
    if settings.lossless:
        options["qp"] = "0"
    else:
        crf = _DEFAULT_CRF.get(settings.codec) if settings.crf is None else settings.crf
        if crf is not None:
            options["crf"] = str(crf)
    if settings.codec in ("libx264", "libx264rgb"):
        options |= _X264_REPEATABLE
    if settings.codec == "libx265":
        options["x265-params"] = "log-level=none"
    return options | settings.options


def _converted(
    rgb: NDArray[np.uint8], pixel_format: str, reformatter: VideoReformatter
) -> VideoFrame:
    from av import VideoFrame

    from lvbench.video.decoding.colour import exact_bilinear

    frame = VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
    return reformatter.reformat(
        frame, format=pixel_format, interpolation=exact_bilinear(), threads=1
    )


@contextmanager
def _write_errors(path: Path) -> Iterator[None]:
    from av.error import FFmpegError

    try:
        yield
    except (FFmpegError, ValueError, OSError) as error:
        if isinstance(error, OSError) and error.errno in _STORAGE_ERRNO:
            raise StorageError(
                "write the video",
                found=str(error.strerror),
                where=str(path),
                fix="free space or choose another folder, then run the same command again",
            ) from error
        fix = "check the suffix, the codec and its options"
        raise _usage(path, f"FFmpeg refuses ({error})", fix) from error


def _usage(path: Path, found: str, fix: str) -> UsageError:
    return UsageError("write the video", found=found, where=str(path), fix=fix)
