"""Record a filmstrip: a few pictures over the length of a video."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lvbench.reading import read_json
from lvbench.results.files import canonical_json, write_atomic
from lvbench.video.frames import Frames

PICTURES = 16
WIDTH = 160
_QUALITY = 80
_LARGEST_LAYOUT = 1 << 20


class FilmstripRecorder:
    """Keep at most `2 * PICTURES` candidates, thinned as the video grows: bounded memory."""

    def __init__(self) -> None:
        self._stride = 1
        self._seen = 0
        self._kept: list[tuple[float, NDArray[np.uint8]]] = []

    def push(self, frames: Frames) -> None:
        """Take the next chunk; one without pictures (nothing reads them) is ignored."""
        if frames.luma is None and frames.small is None and frames.rgb is None:
            return
        for i, t in enumerate(frames.pts):
            if self._seen % self._stride == 0:
                self._kept.append((float(t), _picture(frames, i)))
                if len(self._kept) > 2 * PICTURES:
                    self._kept = self._kept[::2]
                    self._stride *= 2
            self._seen += 1

    def write(self, folder: Path, video: str) -> None:
        """Write `<video>.jpg`, the pictures side by side, and `<video>.json`, their times."""
        import cv2

        if not self._kept:
            return
        count = min(PICTURES, len(self._kept))
        chosen = np.linspace(0, len(self._kept) - 1, count).round().astype(int)
        strip = np.concatenate([self._kept[i][1] for i in chosen], axis=1)
        done, data = cv2.imencode(".jpg", strip[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
        assert done
        write_atomic(folder / f"{video}.jpg", data.tobytes())
        times = [self._kept[i][0] for i in chosen]
        content = {"t": times, "width": WIDTH, "height": strip.shape[0]}
        write_atomic(folder / f"{video}.json", canonical_json(content))


def read_layout(file: Path) -> tuple[list[float], int, int] | None:
    """Return the times, and width and height in pixels, of the pictures of a filmstrip.

    Returns:
        None where there is no such file, or it is not valid: a filmstrip is optional.
    """
    try:
        layout = read_json(file, _LARGEST_LAYOUT)
        times = [float(t) for t in layout["t"]]
        width, height = int(layout["width"]), int(layout["height"])
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return (times, width, height) if times and width > 0 and height > 0 else None


def _picture(frames: Frames, i: int) -> NDArray[np.uint8]:
    """Return frame `i` at the filmstrip's width, from the smallest product available."""
    import cv2

    if frames.small is not None:
        source = frames.small[i]
    elif frames.rgb is not None:
        source = frames.rgb[i]
    elif frames.luma is not None:
        source = frames.luma[i]
    else:
        assert frames.planes is not None
        source = (frames.planes.y[i] >> (frames.planes.bits - 8)).astype(np.uint8, copy=False)
    height = max(1, round(WIDTH * source.shape[0] / source.shape[1]))
    small = cv2.resize(source, (WIDTH, height), interpolation=cv2.INTER_AREA)
    coloured = small if small.ndim == 3 else np.repeat(small[:, :, None], 3, axis=2)
    return np.asarray(coloured, np.uint8)
