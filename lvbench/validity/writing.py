"""Write the clip of a source under a condition, with its line of a manifest."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from lvbench.validity.clip import Clip
from lvbench.validity.code_hash import OF_PLANTING, code_hash
from lvbench.validity.condition import Condition
from lvbench.validity.faults.catalogue import FAULTS
from lvbench.validity.sources import Source
from lvbench.validity.trials import digest
from lvbench.video.encode import write_video
from lvbench.video.manifest.entry import ManifestEntry

_CRF = 18
ENCODER = {"codec": "libx264", "preset": "veryfast"}
NAME = "clip"


def digest_of(source: Source, condition: Condition, sources: Sequence[Source]) -> str:
    """Return a digest of all that makes the clip of a source under a condition.

    Args:
        source: The source.
        condition: The condition.
        sources: All sources, of which one lends its scene to faults that show another.
    """
    return digest(
        {
            "source": source.sha256,
            "condition": [condition.kind, condition.name, condition.dose, condition.base],
            "seed": seed_of(source),
            "code": code_hash(_modules(condition), OF_PLANTING),
            "encoder": [ENCODER, _CRF],
        }
    )


def _modules(condition: Condition) -> tuple[str, ...]:
    modules = ["lvbench.validity.clip"]
    if condition.kind == "fault":
        plant = FAULTS[condition.name].plant
        modules.append(getattr(plant, "func", plant).__module__)
    return tuple(modules)


def seed_of(source: Source) -> int:
    """Return the seed of what is drawn for a source, so that no two sources share it."""
    return int(source.sha256[:4], 16)


def start_of(source: Source, condition: Condition) -> float | None:
    """Return when the fault of a condition begins, in seconds; None where it has no beginning."""
    if condition.kind != "fault":
        return None
    fault = FAULTS[condition.name]
    return None if fault.shape == "throughout" else fault.start * clip_of(source).shape.seconds


def write_clip(
    source: Source, condition: Condition, sources: Sequence[Source], folder: Path
) -> ManifestEntry:
    """Write the clip of a condition into a folder; return its line of a manifest.

    Raises:
        LvbenchError: The source cannot be read, or the fault cannot be planted in it.
    """
    clip = based(source, condition, sources)
    if condition.kind == "fault":
        clip = FAULTS[condition.name].planted(clip, condition.dose, seed=seed_of(source))
    path = folder / f"{NAME}.mp4"
    options = {"preset": ENCODER["preset"]}
    write_video(path, clip.blocks(), clip.shape.fps, crf=_CRF, options=options)
    return ManifestEntry(path=path, id=NAME)


@lru_cache(2)
def clip_of(source: Source) -> Clip:
    """Return the clip of a source, decoded once for all of its conditions."""
    return source.clip()


def based(source: Source, condition: Condition, sources: Sequence[Source]) -> Clip:
    """Return the untouched clip of a condition."""
    return clip_of(source)
