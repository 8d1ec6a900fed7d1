"""Write each video's nearest stretch of a real video, with pictures of the nearest pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.engine.video_pass.task import VideoTask
from lvbench.engine.video_pass.tools import Tools
from lvbench.errors import LvbenchError
from lvbench.features.feature_set import FeatureSet, RealSetStatistics
from lvbench.metrics.sets.memorisation import Memorisation
from lvbench.reading import read_text
from lvbench.results.files import canonical_json, write_atomic
from lvbench.results.neighbours import NEIGHBOURS_FILE, PICTURES_FOLDER
from lvbench.video.decoding.decode import open_video
from lvbench.video.frames import Products

_PICTURED = 6
_PICTURES = 4
_WIDTH = 200
_QUALITY = 80


def write_neighbours(
    folder: Path,
    tools: Tools,
    tasks: Sequence[VideoTask],
    real: Mapping[str, Path],
    sets: Mapping[str, FeatureSet],
    references: Mapping[str, RealSetStatistics],
) -> None:
    """Write neighbours.json, and filmstrips of the most similar pairs.

    Nothing is written where no metric detects copies, or there is no real set.

    Args:
        folder: The run folder.
        tools: Metrics of the run.
        tasks: Videos of the run.
        real: Files of the real videos by id; empty for a file of statistics.
        sets: Features of the run's videos by extractor.
        references: Features of the real set.

    Raises:
        StorageError: They cannot be written.
    """
    # A clip of a streaming evaluation is deleted.
    files = {task.id: Path(task.path) for task in tasks if Path(task.path).exists()}
    found = [
        pair
        for metric in tools.metrics.values()
        if isinstance(metric, Memorisation) and metric.needs[0] in references
        for pair in _pairs(metric, sets[metric.needs[0]], references[metric.needs[0]])
    ]
    if not found:
        return
    found.sort(key=lambda pair: (-pair["similarity"], pair["video"], pair["metric"]))
    for number, pair in enumerate(found[:_PICTURED]):
        sides = ((pair["video"], pair["start"], files), (pair["real"], pair["real_start"], real))
        for side, (name, start, known) in zip(("video", "real"), sides, strict=True):
            if name in known:
                picture = f"{PICTURES_FOLDER}/{number}-{side}.jpg"
                pair[f"{side}_picture"] = picture
                _draw(folder, picture, known[name], start, pair["seconds"])
    write_atomic(folder / NEIGHBOURS_FILE, canonical_json(found, indent=1) + "\n")


def _pairs(metric: Memorisation, fake: FeatureSet, real: RealSetStatistics) -> list[dict[str, Any]]:
    try:
        nearest = metric.nearest(fake, real)
    except LvbenchError:  # the score gives the reason
        return []
    assert real.set is not None
    return [
        {
            "metric": metric.key,
            "video": video,
            "real": real.set.videos[match.other],
            "start": match.start,
            "real_start": match.other_start,
            "seconds": match.seconds,
            "similarity": match.similarity,
            "copied": match.similarity >= metric.copied,
        }
        for video, match in nearest.items()
    ]


def _draw(folder: Path, picture: str, video: Path, start: float, seconds: float) -> None:
    """Write a filmstrip of a stretch, unless an interrupted call wrote it."""
    layout = folder / f"{picture}.json"
    wanted = canonical_json([str(video.name), start, seconds])
    if layout.is_file() and read_text(layout) == wanted:
        return
    import cv2

    frames = _frames_at(video, start + np.linspace(0, seconds, _PICTURES))
    strip = np.concatenate(frames, axis=1)
    done, data = cv2.imencode(".jpg", strip[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    assert done
    write_atomic(folder / picture, data.tobytes())
    write_atomic(layout, wanted)


def _frames_at(video: Path, times: NDArray[np.float64]) -> list[NDArray[np.uint8]]:
    """Return the first frame at or after each time; beyond the end the last frame."""
    found: list[NDArray[np.uint8]] = []
    last: NDArray[np.uint8] | None = None
    with open_video(video, Products(small=_WIDTH)) as reader:
        for chunk in reader:
            assert chunk.small is not None
            for pts, frame in zip(chunk.pts, chunk.small, strict=True):
                while len(found) < len(times) and pts >= times[len(found)] - 1e-6:
                    found.append(frame.copy())
                last = frame
            if len(found) == len(times):
                return found
            last = None if last is None else last.copy()
    assert last is not None
    return found + [last] * (len(times) - len(found))
