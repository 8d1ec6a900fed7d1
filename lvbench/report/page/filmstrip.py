"""Embed the filmstrips of a run, as many frames as a size cap allows."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lvbench.engine.video_pass.filmstrip import read_layout
from lvbench.results.schema import VideoRecord

CAP_BYTES = 12_000_000
"""Together, before base64: a report of this size still opens and mails."""

_LOWEST_SHOWN, _PAGE_WIDTH = 58.0, 840.0
_FEWEST, _MOST = 4, 16
_QUALITY = 80


@dataclass(frozen=True, slots=True)
class Filmstrip:
    """Frames of one video side by side: a `data:` address, and how many frames it holds."""

    address: str
    frames: int


@dataclass(frozen=True, slots=True)
class Filmstrips:
    """The filmstrips by video id, and what to say where the cap took frames away."""

    by_video: dict[str, Filmstrip]
    note: str


def filmstrips(folder: Path, videos: Iterable[VideoRecord], cap: int = CAP_BYTES) -> Filmstrips:
    """Return a filmstrip for each video that has one in the run folder's thumbnails/.

    Every picture is the frame nearest to the middle of the time that it covers. Wide pictures
    come in smaller numbers, so that they stay large enough to be looked at.
    """
    wanted = list(videos)
    most = _MOST
    while True:
        made = {v.id: s for v in wanted if (s := _filmstrip(folder, v, most)) is not None}
        size = sum(len(data) for data, _ in made.values())
        if size <= cap or most <= _FEWEST:
            break
        most = max(_FEWEST, min(most - 1, int(most * cap / size)))
    note = "" if most == _MOST else f"Filmstrips hold at most {most} frames to keep this file small"
    if size > cap:
        note, made = f"Filmstrips are left out: together {size / 1e6:.0f} MB", {}
    return Filmstrips(
        {name: Filmstrip(_address(data), frames) for name, (data, frames) in made.items()}, note
    )


def _filmstrip(folder: Path, video: VideoRecord, most: int) -> tuple[bytes, int] | None:
    from PIL import Image

    image_file = folder / "thumbnails" / f"{video.id}.jpg"
    layout_file = image_file.with_suffix(".json")
    layout = read_layout(layout_file) if video.duration else None
    if layout is None or not video.duration:
        return None
    times, width, height = layout
    count = int(_PAGE_WIDTH / (_LOWEST_SHOWN * width / height))
    count = min(max(_FEWEST, count), most, len(times))
    try:
        whole = Image.open(image_file)
    except (OSError, ValueError, Image.DecompressionBombError):
        return None
    with whole as strip:
        shown = Image.new("RGB", (count * width, height))
        for cell in range(count):
            middle = (cell + 0.5) / count * video.duration
            nearest = min(range(len(times)), key=lambda i: abs(times[i] - middle))
            box = (nearest * width, 0, (nearest + 1) * width, height)
            shown.paste(strip.crop(box), (cell * width, 0))
    stream = io.BytesIO()
    shown.save(stream, "JPEG", quality=_QUALITY)
    return stream.getvalue(), count


def _address(jpeg: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode("ascii")
