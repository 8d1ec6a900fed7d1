"""Export the truth, the audio and the manifest entry of a world clip."""

from __future__ import annotations

import os
import wave
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from lvbench.errors import StorageError
from lvbench.video.audio.encode import as_integers
from lvbench.video.manifest.entry import ManifestEntry, Prompt, SoundEvent
from lvbench.world import audio, camera, grammar, light
from lvbench.world.landmarks import LANDMARKS
from lvbench.world.palette import TINTS
from lvbench.world.world import VERSION, World

_FRAMES = 256  # frames per part of the truth
_BYTES = 2**26  # bytes of flow per part
_ARRAYS = (
    *("ids", "members", "visible", "centres", "velocities", "flow", "occluded"),
    *("camera", "scene", "shot", "gain"),
)


def truth_parts(
    world: World, seconds: float, width: int, height: int
) -> Iterator[tuple[int, dict[str, NDArray[Any]]]]:
    """Yield the first frame and the arrays of each part of the truth, in parts of bounded size."""
    count = round(seconds * world.fps)
    step = max(1, min(_FRAMES, _BYTES // (8 * width * height)))
    for start in range(0, count, step):
        part = world.truth(start, min(start + step, count), width, height)
        yield start, {name: getattr(part, name) for name in _ARRAYS}


def summary(world: World, seconds: float, width: int, height: int) -> dict[str, Any]:
    """Return the truth of a complete clip that is not per frame, as JSON."""
    visited = sorted({shot.scene for shot in _shown(world, seconds)})
    return {
        "version": VERSION,
        "seed": world.seed,
        "level": world.level,
        "seconds": seconds,
        "fps": world.fps,
        "frames": round(seconds * world.fps),
        "size": [width, height],
        "shots": [_shot(shot) for shot in _shown(world, seconds)],
        "cuts": _cuts(world, seconds),
        "onsets": [asdict(onset) for onset in world.onsets(0, seconds)],
        "landmarks": {scene: _landmarks(world, scene) for scene in visited},
        "camera_period": camera.PERIOD,
        "light_period": light.PERIOD,
    }


def manifest_entry(world: World, seconds: float, path: Path) -> ManifestEntry:
    """Return the clip's manifest entry: ordered prompts, cuts and sound events."""
    shots = _shown(world, seconds)
    stays = _persist(shots)
    prompts = tuple(Prompt(start=s.start, text=s.text, persist=stays) for s in shots)
    sounds = tuple(
        SoundEvent(
            start=onset.time,
            end=onset.time + audio.SECONDS,
            text=grammar.Character.of(onset.identity).text,
        )
        for onset in world.onsets(0, seconds)
    )
    return ManifestEntry(
        path=path,
        id=path.stem,
        prompts=prompts,
        cuts=tuple(_cuts(world, seconds)),
        sounds=sounds,
        generator="world",
        seed=world.seed,
    )


def write_wave(path: Path, world: World, seconds: float) -> None:
    """Write the clip's audio as 16-bit mono, atomically.

    Raises:
        StorageError: The file cannot be written.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with wave.open(str(unfinished), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(audio.RATE)
            for chunk in audio.chunks(world, seconds):
                file.writeframes(as_integers(chunk).astype("<i2").tobytes())
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise StorageError(
            "write the audio",
            found=str(error.strerror),
            where=str(path),
            fix="free space or choose another folder",
        ) from error


def _shown(world: World, seconds: float) -> list[grammar.Shot]:
    return [shot for shot in world.shots if shot.start < seconds]


def _cuts(world: World, seconds: float) -> list[float]:
    return [shot.start for shot in _shown(world, seconds)[1:]]


def _persist(shots: list[grammar.Shot]) -> tuple[Any, ...]:
    """Return what persists through the clip; another scene also means another light."""
    same_scene = len({shot.scene for shot in shots}) == 1
    same_cast = len({shot.cast for shot in shots}) == 1
    same_light = same_scene and {shot.light for shot in shots} in ({"noon"}, {"dusk"})
    kept = {"identity": same_cast, "scene": same_scene, "light": same_light, "style": True}
    return tuple(what for what, stays in kept.items() if stays)


def _shot(shot: grammar.Shot) -> dict[str, Any]:
    return {
        "start": shot.start,
        "text": shot.text,
        "scene": shot.scene,
        "cast": [member.text for member in shot.cast],
        "identities": [member.number for member in shot.cast],
        "camera": shot.camera,
        "light": shot.light,
    }


def _landmarks(world: World, scene: str) -> list[dict[str, Any]]:
    names = list(TINTS)
    tints = world.tints(scene)
    return [
        {"kind": landmark.kind, "x": landmark.x, "tint": names[tint]}
        for landmark, tint in zip(LANDMARKS[scene][: len(tints)], tints, strict=True)
    ]
