"""Where a generator's chunks meet: as they are told beside a file, or from their length."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lvbench.errors import GeneratorError
from lvbench.video.manifest_entry import ManifestEntry


def even_seams(every: float, seconds: float) -> tuple[float, ...]:
    """Return the boundaries of chunks of one length within a clip, in seconds."""
    count = int(seconds / every + 1e-9)
    times = (number * every for number in range(1, count + 1))
    return tuple(time for time in times if time < seconds - 1e-9)


def remove_told(path: Path) -> None:
    """Forget what was told beside a file."""
    _beside(path).unlink(missing_ok=True)


def told_seams(path: Path) -> tuple[float, ...] | None:
    """Return the seams told in `<file>.json`; None where there is no such file.

    Raises:
        GeneratorError: They are none; the file is set aside as `<file>.rejected`.
    """
    beside = _beside(path)
    if not beside.is_file():
        return None
    try:
        told: Any = json.loads(beside.read_text("utf-8"))
        return ManifestEntry(path=path, id="clip", seams=tuple(map(float, told["seams"]))).seams
    except (ValueError, KeyError, TypeError) as error:
        path.replace(path.with_name(path.name + ".rejected"))
        raise GeneratorError(
            "read the seams that the generator told",
            found=f"{type(error).__name__}: {error}",
            where=str(beside),
            mend='write {"seams": [seconds, ...]} with times that increase, or no such file',
        ) from error


def _beside(path: Path) -> Path:
    return path.with_name(path.name + ".json")
