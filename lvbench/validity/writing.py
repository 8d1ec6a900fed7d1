"""Write the clip of a source under a condition, with its line of a manifest."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from lvbench.validity.cheats import CHEATS
from lvbench.validity.clip import Clip
from lvbench.validity.code_hash import OF_PLANTING, code_hash
from lvbench.validity.condition import Condition
from lvbench.validity.faults.catalogue import FAULTS
from lvbench.validity.presentations import PRESENTATIONS
from lvbench.validity.sources import Source
from lvbench.validity.stage import base
from lvbench.validity.trials import digest
from lvbench.validity.world_clip import recording
from lvbench.video.encode import write_video
from lvbench.video.manifest.entry import ManifestEntry

ENCODER = {"codec": "libx264", "preset": "veryfast", "crf": "18"}
NAME = "clip"
STAGED = ("subject", "object", "view")
"""Needs that are added to any clip; a world has the others."""


def digest_of(source: Source, condition: Condition) -> str:
    """Return a digest of all that makes the clip of a source under a condition."""
    return digest(
        {
            "source": source.sha256,
            "condition": [condition.kind, condition.name, condition.dose, condition.base],
            "seed": seed_of(source),
            "code": code_hash(_modules(condition), OF_PLANTING),
            "encoder": ENCODER,
        }
    )


def _modules(condition: Condition) -> tuple[str, ...]:
    modules = ["lvbench.validity.clip"]
    if condition.kind == "fault":
        plant = FAULTS[condition.name].plant
        modules.append(getattr(plant, "func", plant).__module__)
    elif condition.kind == "cheat":
        modules.append("lvbench.validity.cheats")
    if condition.base in STAGED:
        modules.append(base.__module__)
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


def write_clip(source: Source, condition: Condition, folder: Path) -> ManifestEntry:
    """Write the clip of a condition into a folder; return its line of a manifest.

    Raises:
        LvbenchError: The source cannot be read, or the fault cannot be planted in it.
    """
    clip = based(source, condition.base)
    crf = int(ENCODER["crf"])
    if condition.kind == "fault":
        clip = FAULTS[condition.name].planted(clip, condition.dose, seed=seed_of(source))
    elif condition.kind == "cheat":
        clip = CHEATS[condition.name].made(clip)
    elif condition.kind == "presentation":
        crf = PRESENTATIONS[condition.name]["crf"]
    path = folder / f"{NAME}.mp4"
    options = {"preset": ENCODER["preset"]}
    found = recording(clip, clip_of(source))
    audio = found.audio if condition.base == "audio" else ()
    write_video(path, clip.blocks(), clip.shape.fps, crf=crf, options=options, audio=audio)
    return ManifestEntry(
        path=path, id=NAME, prompts=found.prompts, cuts=found.cuts, sounds=found.sounds
    )


@lru_cache(2)
def clip_of(source: Source) -> Clip:
    """Return the clip of a source, decoded once for all of its conditions."""
    return source.clip()


def based(source: Source, need: str) -> Clip:
    """Return the untouched clip of a source, with what a fault needs."""
    clip = clip_of(source)
    return base(clip, need, seed_of(source)) if need in STAGED else clip
