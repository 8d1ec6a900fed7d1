"""Where a run keeps each video's nearest real stretch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

NEIGHBOURS_FILE = "neighbours.json"
PICTURES_FOLDER = "thumbnails/neighbours"


def read_neighbours(folder: Path) -> list[dict[str, Any]]:
    """Return the nearest real stretches of a run, the most alike first; empty without any.

    Each has `metric`, `video`, `real`, `start`, `real_start`, `seconds`, `similarity`, `copied`,
    and for the first few `video_picture` and `real_picture`, paths below the run folder.
    """
    file = folder / NEIGHBOURS_FILE
    if not file.is_file():
        return []
    found: list[dict[str, Any]] = json.loads(file.read_text("utf-8"))
    return found
