"""Read encoding, colour and audio from a file's header."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lvbench.errors import VideoDecodeError
from lvbench.video.decoding.opening import open_container

if TYPE_CHECKING:
    from av.video.stream import VideoStream

UNTAGGED = "untagged"
_UNSPECIFIED = 2
_SPACES = {0: "rgb", 1: "bt709", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 9: "bt2020nc"}
_RANGES = {1: "limited", 2: "full"}


@dataclass(frozen=True, slots=True)
class Facts:
    """Description of a file; None where its header gives no value.

    Attributes:
        bytes: Size of the file (of all files of an image sequence).
        container: FFmpeg's name of the container, `images` for a folder of pictures.
        profile: Profile of the video codec.
        bit_rate: Bits per second of the video stream; of the entire file where that is not stated.
        primaries: Colour primaries; `untagged` where the stream does not name them.
        transfer: Transfer function, likewise.
        matrix: Matrix of YUV to RGB, likewise.
        range: `limited` or `full`, likewise.
        audio_codec: Codec of the first audio track; None without one.
        audio_rate: Its samples per second.
        audio_channels: Its channels.
    """

    bytes: int
    container: str
    profile: str | None = None
    bit_rate: float | None = None
    primaries: str = UNTAGGED
    transfer: str = UNTAGGED
    matrix: str = UNTAGGED
    range: str = UNTAGGED
    audio_codec: str | None = None
    audio_rate: int | None = None
    audio_channels: int | None = None


def read_facts(path: Path) -> Facts | None:
    """Return the description of a file; None for one that cannot be opened.

    Only for files that were decoded before: a file that crashes the decoder ends the process.
    """
    if path.is_dir():
        return Facts(sum(p.stat().st_size for p in path.iterdir() if p.is_file()), "images")
    try:
        container, stream = open_container(path)
    except VideoDecodeError:
        return None
    with container:
        rate = stream.bit_rate or container.bit_rate
        audio = next(iter(container.streams.audio), None)
        return Facts(
            bytes=path.stat().st_size,
            container=container.format.name,
            profile=stream.profile,
            bit_rate=float(rate) if rate else None,
            **_colour(stream),
            audio_codec=audio.codec_context.name if audio else None,
            audio_rate=audio.codec_context.sample_rate if audio else None,
            audio_channels=audio.codec_context.layout.nb_channels if audio else None,
        )


def _colour(stream: VideoStream) -> dict[str, str]:
    from av.video.reformatter import ColorPrimaries, ColorTrc

    coded: Any = stream.codec_context
    return {
        "primaries": _name(ColorPrimaries, coded.color_primaries),
        "transfer": _name(ColorTrc, coded.color_trc),
        "matrix": _SPACES.get(int(coded.colorspace), UNTAGGED),
        "range": _RANGES.get(int(coded.color_range), UNTAGGED),
    }


def _name(names: Any, number: int) -> str:
    if int(number) in (0, _UNSPECIFIED):
        return UNTAGGED
    try:
        return str(names(int(number)).name).lower()
    except ValueError:
        return f"code {int(number)}"
