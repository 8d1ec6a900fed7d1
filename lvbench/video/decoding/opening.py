"""Open a video file with PyAV; every failure has a stable code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from lvbench.errors import VideoDecodeError
from lvbench.video.containers.chains import PNG_SIGNATURE
from lvbench.video.containers.raw_format import RawFormat
from lvbench.video.problems import (
    blame_file,
    decode_error,
    reading,
    require_regular,
    require_sane_size,
)

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

# Demuxers that read one self-contained file. Playlists (hls, dash, concat) name other files and
# addresses, and FFmpeg would take any text for ANSI art (tty): none of them is a video here.
_CONTAINERS = (
    "mov", "mp4", "matroska", "webm", "avi", "mpegts", "gif", "mpeg", "flv", "ogg", "asf",
    "h264", "hevc", "m4v", "ivf", "obu", "av1", "apng", "nut", "mxf", "yuv4mpegpipe", "webp_anim",
    "rm",
)  # fmt: skip
_OTHER_HEADS = (
    b"YUV4MPEG2", b"nut/multimedia container", b"\x06\x0e\x2b\x34", b".RMF", b"\x30\x26\xb2\x75",
    b"\x00\x00\x01\xb3", b"\x00\x00\x01\xb0", b"\x00\x00\x00\x01", b"\x00\x00\x01\x67",
)  # fmt: skip
# Titles that are not UTF-8 are no reason to refuse a video; PyAV 19 always replaces them.
_LENIENT: dict[str, Any] = {"metadata_errors": "replace"}


def read_head(path: Path, size: int = 512) -> bytes:
    """Return the file's first bytes.

    Raises:
        VideoDecodeError: Codes `file_missing`, `permission_denied`, `file_empty`, `not_regular`,
            `sparse_file`, `unreadable`.
    """
    # A size of 0 is not read: the kernel's files in /proc may wait forever.
    if not require_regular(path).st_size:
        raise decode_error("file_empty", path, "a file of 0 bytes")
    with reading(path), path.open("rb") as file:
        return file.read(size)


def looks_like_container(head: bytes) -> bool:
    """Return whether the first bytes are the signature of a video container."""
    boxes = (b"ftyp", b"moov", b"mdat", b"free", b"wide", b"skip", b"styp")
    return (
        head[4:8] in boxes
        or head[:4] in (b"\x1aE\xdf\xa3", b"RIFF", b"OggS", b"DKIF", b"GIF8", b"\x00\x00\x01\xba")
        or head[:3] == b"FLV"
        or head.startswith(_OTHER_HEADS)
        or (head[:1] == b"G" and head[188:189] in (b"G", b""))
        or (head[4:5] == b"G" and head[196:197] == b"G")
    )


def open_container(path: Path, raw: RawFormat | None = None) -> tuple[InputContainer, VideoStream]:
    """Open the file and return the container and its first picture track.

    Raises:
        VideoDecodeError: With a stable code, whatever is in the file.
    """
    head = read_head(path)
    import av

    options = {"protocol_whitelist": "file", "format_whitelist": ",".join(_CONTAINERS)}
    if raw is not None:
        options = _raw_options(path, raw)
    try:
        # A plain name with a colon in it would be taken for a protocol; an absolute path is not.
        container = av.open(
            str(path.absolute()),
            format=None if raw is None else "rawvideo",
            container_options=options,
            **_LENIENT if int(av.__version__.split(".")[0]) < 19 else {},
        )
    except Exception as error:  # PyAV leaks IndexError, UnicodeDecodeError, MemoryError, ...
        blame_file(error)
        # Not str(error): that would repeat whatever FFmpeg logged last, of any file.
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise _unopened(path, head, f"FFmpeg cannot open it ({reason})") from error
    try:
        stream = _first_video_stream(container, path)
        require_sane_size(path, stream.codec_context.width, stream.codec_context.height)
    except BaseException:
        container.close()
        raise
    return container, stream


def _unopened(path: Path, head: bytes, found: str) -> VideoDecodeError:
    if head[:4] in (b"fLaC", b"FORM") or head[:3] == b"ID3" or head[8:12] == b"WAVE":
        return decode_error("no_video_stream", path, "an audio file")
    if head[:8] == PNG_SIGNATURE or head[:3] == b"\xff\xd8\xff" or head[8:12] == b"WEBP":
        return decode_error("not_a_video", path, "a still picture")
    if looks_like_container(head):
        return decode_error("unreadable", path, found)
    if path.suffix.lower() in (".yuv", ".raw"):
        return decode_error("raw_undescribed", path, "raw video, which has no header")
    return decode_error("not_a_video", path, found)


def _raw_options(path: Path, raw: RawFormat) -> dict[str, str]:
    require_sane_size(path, raw.width, raw.height)
    size = path.stat().st_size
    if size % raw.frame_bytes:
        found = (
            f"{size} bytes are not a multiple of one frame of {raw.width}x{raw.height} "
            f"{raw.pixel_format} ({raw.frame_bytes} bytes each)"
        )
        raise decode_error("raw_size", path, found)
    return {
        "protocol_whitelist": "file",
        "video_size": f"{raw.width}x{raw.height}",
        "pixel_format": raw.pixel_format,
        "framerate": f"{raw.rate:g}",
    }


def _first_video_stream(container: InputContainer, path: Path) -> VideoStream:
    from av.stream import Disposition

    try:
        for stream in container.streams.video:
            if not stream.disposition & Disposition.attached_pic:
                if stream.codec_context is None:
                    raise decode_error("unreadable", path, "no decoder for its codec")
                return stream
        found = f"{len(container.streams)} tracks, none of them a picture track"
    except (IndexError, ValueError) as error:
        raise decode_error("unreadable", path, f"its tracks cannot be listed ({error})") from error
    raise decode_error("no_video_stream", path, found)
