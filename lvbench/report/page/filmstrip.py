"""Embed the filmstrips of a run, as many frames as a size cap allows."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lvbench.engine.video_pass.filmstrip import read_layout
from lvbench.report.page.assets import jpeg_address
from lvbench.results.schema import VideoRecord

CAP_BYTES = 12_000_000
"""All filmstrips of a page, before base64: it still opens, and fits an email."""

_LOWEST_SHOWN, _PAGE_WIDTH = 58.0, 840.0
_FEWEST, _MOST = 4, 16
_QUALITY = 80


@dataclass(frozen=True, slots=True)
class Filmstrip:
    """Frames of one video in a row: a `data:` address, and the number of frames."""

    address: str
    frames: int


@dataclass(frozen=True, slots=True)
class Filmstrips:
    """The filmstrips by video id, and a note where the cap reduced their frames."""

    by_video: dict[str, Filmstrip]
    note: str


def filmstrips(folder: Path, videos: Iterable[VideoRecord], cap: int = CAP_BYTES) -> Filmstrips:
    """Return a filmstrip for each video that has one in the run folder's thumbnails/.

    Each picture is the frame nearest to the middle of its time span. A strip contains fewer
    frames if they are wide, so that they remain legible.
    """
    wanted = list(videos)
    most = _MOST
    while True:
        made = {v.id: s for v in wanted if (s := _filmstrip(folder, v, most)) is not None}
        size = sum(len(data) for data, _ in made.values())
        if size <= cap or most <= _FEWEST:
            break
        most = max(_FEWEST, min(most - 1, int(most * cap / size)))
    note = "" if most == _MOST else f"Filmstrips have at most {most} frames to limit the file size"
    if size > cap:
        note, made = f"Filmstrips are left out: {size / 1e6:.0f} MB in total", {}
    return Filmstrips(
        {name: Filmstrip(jpeg_address(data), frames) for name, (data, frames) in made.items()}, note
    )


def _filmstrip(folder: Path, video: VideoRecord, most: int) -> tuple[bytes, int] | None:
    image_file = folder / "thumbnails" / f"{video.id}.jpg"
    layout_file = image_file.with_suffix(".json")
    layout = read_layout(layout_file) if video.duration else None
    if layout is None or not video.duration:
        return None
    times, width, height = layout
    count = int(_PAGE_WIDTH / (_LOWEST_SHOWN * width / height))
    count = min(max(_FEWEST, count), most, len(times))
    middles = [(cell + 0.5) / count * video.duration for cell in range(count)]
    cells = [min(range(len(times)), key=lambda i: abs(times[i] - t)) for t in middles]
    jpeg = joined(image_file, cells, width, height)
    return None if jpeg is None else (jpeg, count)


def joined(file: Path, cells: Sequence[int], width: int, height: int) -> bytes | None:
    """Return cells of a filmstrip in a row, as JPEG; None where the picture cannot be read.

    Args:
        file: The filmstrip.
        cells: Indices of its cells.
        width: Width of a cell, in pixels.
        height: Height of a cell, in pixels.
    """
    from PIL import Image

    try:
        opened = Image.open(file)
    except (OSError, ValueError, Image.DecompressionBombError):
        return None
    with opened as strip:
        shown = Image.new("RGB", (len(cells) * width, height))
        for place, cell in enumerate(cells):
            box = (cell * width, 0, (cell + 1) * width, height)
            shown.paste(strip.crop(box), (place * width, 0))
    stream = io.BytesIO()
    shown.save(stream, "JPEG", quality=_QUALITY)
    return stream.getvalue()
