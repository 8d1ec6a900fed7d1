"""Send a clip through a lossy encoder and back, as every generator's output has been."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lvbench.video.decoding.decode import open_video
from lvbench.video.encode import write_video
from lvbench.video.frames import Products


def encoded(clip: NDArray[np.uint8], fps: float, folder: Path) -> NDArray[np.uint8]:
    """Return the frames that come back from h264 at crf 23."""
    path = folder / "clip.mp4"
    path.unlink(missing_ok=True)
    write_video(path, [clip], round(fps, 3), crf=23)
    with open_video(path, Products(rgb=True)) as reader:
        chunks = [chunk.rgb for chunk in reader]
    return np.concatenate([chunk for chunk in chunks if chunk is not None])
