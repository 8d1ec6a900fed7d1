"""Where a generator's chunks meet: as they are told beside a file, or from their length."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

from lvbench.errors import GeneratorError
from lvbench.reading import read_json
from lvbench.video.manifest.entry import ManifestEntry

_MOST_BYTES = 1_000_000
_SHOWN = 500


def even_seams(every: float, seconds: float) -> tuple[float, ...]:
    """Return the boundaries of chunks of one length within a clip, in seconds."""
    count = int(seconds / every + 1e-9)
    times = (number * every for number in range(1, count + 1))
    return tuple(time for time in times if time < seconds - 1e-9)


def told_path(path: Path) -> Path:
    """Return where a program tells the seams of a file."""
    return path.with_name(path.name + ".json")


def told_seams(path: Path) -> tuple[float, ...] | None:
    """Return the seams told in `<file>.json`; None where there is no such file.

    Raises:
        GeneratorError: They are none; the file is set aside as `<file>.rejected`.
    """
    beside = told_path(path)
    try:
        if not stat.S_ISREG(beside.lstat().st_mode):
            raise ValueError("a link, or no regular file")
        return _seams(read_json(beside, _MOST_BYTES), path)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, OverflowError) as error:
        path.replace(path.with_name(path.name + ".rejected"))
        raise GeneratorError(
            "read the seams that the generator told",
            found=f"{type(error).__name__}: {error}"[:_SHOWN],
            where=str(beside),
            fix='write {"seams": [seconds, ...]} with times that increase, or no such file',
        ) from None


def _seams(told: Any, path: Path) -> tuple[float, ...] | None:
    seams = told["seams"]
    if not isinstance(seams, list):
        raise TypeError("'seams' is no list")
    return ManifestEntry(path=path, id="clip", seams=tuple(map(float, seams))).seams
