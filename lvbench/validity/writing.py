"""Write the clip of a source under a condition, with its line of a manifest."""

from __future__ import annotations

from pathlib import Path

from lvbench.validity.cheats import CHEATS
from lvbench.validity.code_hash import OF_PLANTING, code_hash
from lvbench.validity.condition import Condition
from lvbench.validity.faults.catalogue import FAULTS
from lvbench.validity.presentations import PLAIN, PRESENTATIONS, Presentation
from lvbench.validity.sources import Source
from lvbench.validity.stage import STAGED
from lvbench.validity.trials import digest
from lvbench.validity.world_clip import recording
from lvbench.video.manifest.entry import ManifestEntry

NAME = "clip"


def digest_of(source: Source, condition: Condition) -> str:
    """Return a digest of all that makes the clip of a source under a condition."""
    way = _presentation(condition)
    return digest(
        {
            "source": source.digest(condition.base),
            "condition": [condition.kind, condition.name, condition.dose, condition.base],
            "seed": source.seed,
            "code": code_hash(_modules(condition), OF_PLANTING),
            "written": repr(way),
        }
    )


def _presentation(condition: Condition) -> Presentation:
    return PRESENTATIONS[condition.name] if condition.kind == "presentation" else PLAIN


def _modules(condition: Condition) -> tuple[str, ...]:
    """Return the modules of which the code makes a clip."""
    modules = ["lvbench.validity.clip"]
    if condition.kind == "fault":
        plant = FAULTS[condition.name].plant
        modules.append(getattr(plant, "func", plant).__module__)
    elif condition.kind == "cheat":
        modules.append("lvbench.validity.cheats")
    elif condition.kind == "presentation":
        modules.append(Presentation.__module__)
    if condition.base in STAGED:
        modules.append("lvbench.validity.stage")
    return tuple(modules)


def start_of(source: Source, condition: Condition) -> float | None:
    """Return when the fault of a condition begins, in seconds; None where it has no beginning."""
    if condition.kind != "fault":
        return None
    fault = FAULTS[condition.name]
    return None if fault.shape == "throughout" else fault.start * source.clip().shape.seconds


def write_clip(source: Source, condition: Condition, folder: Path) -> ManifestEntry:
    """Write the clip of a condition into a folder; return its line of a manifest.

    Raises:
        LvbenchError: The source cannot be read, or the fault cannot be planted in it.
    """
    clip = source.based(condition.base)
    if condition.kind == "fault":
        clip = FAULTS[condition.name].planted(clip, condition.dose, seed=source.seed)
    elif condition.kind == "cheat":
        clip = CHEATS[condition.name].made(clip)
    found = recording(clip, source.clip())
    audio = found.audio if condition.base == "audio" else ()
    path = _presentation(condition).write(clip, folder, NAME, audio)
    return ManifestEntry(
        path=path, id=NAME, prompts=found.prompts, cuts=found.cuts, sounds=found.sounds
    )
