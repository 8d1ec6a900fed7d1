"""Read the nearest real stretches of a run's videos."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lvbench.errors import ConfigError
from lvbench.reading import read_json

NEIGHBOURS_FILE = "neighbours.json"
PICTURES_FOLDER = "thumbnails/neighbours"


def read_neighbours(folder: Path) -> list[dict[str, Any]]:
    """Return the nearest real stretches of a run, the most similar first; empty without any.

    Each has `metric`, `video`, `real`, `start`, `real_start`, `seconds`, `similarity`, `copied`,
    and for the first few `video_picture` and `real_picture`, paths below the run folder.
    """
    file = folder / NEIGHBOURS_FILE
    if not file.exists():
        return []
    try:
        found = read_json(file)
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise ValueError("not a list of objects")
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"read {NEIGHBOURS_FILE}",
            found=str(error),
            where=str(file),
            fix="run the evaluation again",
            code="run_invalid",
        ) from error
    return found
