"""Pictures of files for the page, from the thumbnails that the engine kept."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from pathlib import Path

from lvbench.engine.video_pass.filmstrip import read_layout
from lvbench.results.journal import file_stem

_QUALITY = 80


@dataclass(frozen=True, slots=True)
class Strip:
    """Frames side by side: a `data:` address, and the width that they fill in percent."""

    address: str
    width: float


def strip(
    folder: Path, video: str, frames: int, at: tuple[float, float] | None = None
) -> Strip | None:
    """Return frames of a file, none of them twice; None where none were kept.

    Args:
        folder: The audit's folder.
        video: Id of the file.
        frames: How many frames fill the width.
        at: Seconds from and to which; the whole file if left out.
    """
    from PIL import Image

    file = folder / "thumbnails" / f"{file_stem(video)}.jpg"
    layout_file = file.with_suffix(".json")
    layout = read_layout(layout_file) if file.is_file() else None
    if layout is None:
        return None
    times, width, height = layout
    first, last = at or (times[0], times[-1])
    middles = [first + (cell + 0.5) / frames * (last - first) for cell in range(frames)]
    cells = sorted({min(range(len(times)), key=lambda i: abs(times[i] - t)) for t in middles})
    shown = Image.new("RGB", (len(cells) * width, height))
    with Image.open(file) as whole:
        for place, cell in enumerate(cells):
            box = (cell * width, 0, (cell + 1) * width, height)
            shown.paste(whole.crop(box), (place * width, 0))
    stream = io.BytesIO()
    shown.save(stream, "JPEG", quality=_QUALITY)
    address = "data:image/jpeg;base64," + base64.b64encode(stream.getvalue()).decode("ascii")
    return Strip(address, 100 * len(cells) / frames)
