"""Sources of the court: excerpts of real and generated videos, clips of the world, a user's videos.

Excerpts are found in a folder by the names of their files; no footage is part of lvbench. Of the
everyday kinds, live animals, night and a talking head before a fixed camera are missing among the
real ones: the world has a night, and the generated ones a flying bird and two talking heads.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import LvbenchError, UsageError
from lvbench.validity.clip import ArrayClip, Clip, Pictures
from lvbench.validity.stage import STAGED, base
from lvbench.validity.world_clip import WORLDS, WorldSpec, world_clip
from lvbench.video.decoding.decode import open_video
from lvbench.video.file_hash import sha256_file
from lvbench.video.frames import Products
from lvbench.video.intake import LeftOut, find_videos
from lvbench.world.world import VERSION

Kind = Literal["real", "generated", "world", "user"]
WORLD = "world"
SIDE, LARGE = 256, 384
"""Long side of sources, in pixels: of most, and of those that metrics of fine detail need."""
_MOST_FPS, _MOST_SECONDS, _LEAST_SECONDS, _LEAST_FRAMES = 30.0, 10.0, 4.0, 40
_TINY = 1e-6
_KEPT = 4  # decoded clips, of at most 50 MB each
_LAYERS = frozenset({"subject", "view"})


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A part of a video, in seconds, and what it displays.

    Attributes:
        name: Name of the source.
        file: Name of the video's file.
        kind: What made it.
        category: What it displays, in words for tables.
        start: Where it begins.
        seconds: Its length; less where the video ends before.
        fixed: Whether the camera stands still, so that an object may stand in the scene.
        side: Its long side, in pixels.
    """

    name: str
    file: str
    kind: Kind
    category: str
    start: float = 0.0
    seconds: float = 9.0
    fixed: bool = True
    side: int = SIDE


_BUNNY = "big-buck-bunny-480p-30s.mp4"
EXCERPTS = (
    Excerpt("bunny_pan", _BUNNY, "real", "moving camera, animation", 2.5, fixed=False),
    Excerpt("bunny_bird", _BUNNY, "real", "animal, animation", 15.9, 6.9, side=LARGE),
    Excerpt("cars", "intel_car-detection.mp4", "real", "traffic, fixed camera", 12.5, side=LARGE),
    Excerpt("people", "intel_one-by-one-person-detection.mp4", "real", "people, fixed camera",
            48.0, side=LARGE),
    Excerpt("flower", "mdn_flower.mp4", "real", "texture, fixed camera, time lapse"),
    Excerpt("film", "mdn_friday.mp4", "real", "people, black and white"),
    Excerpt("library", "worldmark_m1_bad.mp4", "generated", "moving camera, indoors",
            fixed=False, side=LARGE),
    Excerpt("train", "worldmark_m2_bad.mp4", "generated", "traffic, moving camera", fixed=False),
    Excerpt("wood", "worldmark_m2_good.mp4", "generated", "texture, moving camera", fixed=False),
    Excerpt("beach", "worldmark_m3_good.mp4", "generated", "water, slow camera",
            fixed=False, side=LARGE),
    Excerpt("bird", "worldmark_m5_bad.mp4", "generated", "animal, moving camera", fixed=False),
    Excerpt("mountain", "worldmark_m5_good.mp4", "generated", "moving camera", 2.5, fixed=False),
    Excerpt("talk", "ltx2_with_audio.mp4", "generated", "people, talking heads"),
)  # fmt: skip
"""The standard sources: real and generated, of different kinds."""


Origin = tuple[Path, float, float, int] | WorldSpec


@dataclass(frozen=True, slots=True)
class Source:
    """A clip in which faults are planted.

    Attributes:
        name: Its name in tables and records.
        kind: `real`, `generated`, `world`, or `user` for a user's own.
        category: What it displays, in words.
        sha256: Digest of all that determines its frames.
        needs: What it offers to faults that need it; see `Fault.needs`.
        origin: The file, its part in seconds and the long side in pixels; or the world.
        lender: The source whose scene some faults display instead of its own; None for none.
    """

    name: str
    kind: Kind
    category: str
    sha256: str
    needs: frozenset[str]
    origin: Origin
    lender: Source | None = None

    def clip(self) -> Clip:
        """Return its clip.

        Raises:
            LvbenchError: The file cannot be read, or is too short.
        """
        return _clip(self.origin)

    def based(self, need: str) -> Clip:
        """Return the untouched clip of faults with a need; its own for "".

        Raises:
            LvbenchError: A file cannot be read, or is too short.
        """
        other = None if self.lender is None or need not in STAGED else self.lender.clip()
        return base(self.clip(), need, self.seed, other)

    def digest(self, need: str) -> str:
        """Return a digest of all that determines the frames of `based(need)` and of its faults."""
        lent = self.lender.sha256 if self.lender and need in STAGED else ""
        return _digest(self.sha256, lent)

    @property
    def seed(self) -> int:
        """Return the seed of what is drawn for it; hardly two sources share it."""
        return int(self.sha256[:4], 16)


@dataclass(frozen=True, slots=True)
class Sources:
    """The sources at a place, and what was left out there.

    Attributes:
        sources: The sources.
        left_out: Files that are no source, each with the reason.
    """

    sources: tuple[Source, ...]
    left_out: tuple[LeftOut, ...] = ()


def find_sources(place: str | Path | None = None) -> Sources:
    """Return the sources at a place.

    Args:
        place: `world` for clips of the world alone, or a folder or file of videos. Videos of the
            standard sources are recognised by the names of their files, of which excerpts are
            taken; of any other video the first 10 s. None takes the folder in the environment
            variable LVBENCH_ASSETS, and the world where it is not set; the world is always added
            to standard sources.

    Raises:
        UsageError: Nothing there is a source.
    """
    if place is None:
        place = os.environ.get("LVBENCH_ASSETS", WORLD)
    worlds = tuple(map(_of_world, WORLDS))
    if str(place) == WORLD:
        return Sources(_with_others(worlds))
    found = find_videos(place)
    root = Path(place)
    sources: list[Source] = []
    left_out = list(found.left_out)
    standard = {excerpt.file for excerpt in EXCERPTS}
    known = any(entry.path.name in standard for entry in found.entries)
    for entry in found.entries:
        if known and entry.path.name not in standard:
            left_out.append(LeftOut(_relative(entry.path, root), "not among the standard sources"))
            continue
        try:
            sources += _of_file(entry.path, entry.id)
        except LvbenchError as error:
            left_out.append(LeftOut(_relative(entry.path, root), error.found or str(error)))
    if not sources:
        reasons = "; ".join(f"{one.path}: {one.why}" for one in left_out[:3])
        raise UsageError(
            "find sources",
            found=f"no clip in which faults can be planted ({reasons})",
            where=str(place),
            fix=f"give videos of {_LEAST_SECONDS:g} s or more, or --source world",
        )
    sources.sort(key=lambda source: _rank(source.name))
    added = worlds if known else ()
    return Sources((*_with_others(sources), *_with_others(added)), tuple(left_out))


def _with_others(sources: Sequence[Source]) -> tuple[Source, ...]:
    """Return sources that borrow another scene from the next one with such a camera."""
    found = []
    for k, source in enumerate(sources):
        around = (*sources[k + 1 :], *sources[:k])
        lender = next((one for one in around if _alike(source, one)), None)
        found.append(replace(source, lender=lender))
    return tuple(found)


def _alike(source: Source, other: Source) -> bool:
    """Return whether one may lend the other its scene: another place, seen by such a camera."""
    if isinstance(source.origin, WorldSpec) or isinstance(other.origin, WorldSpec):
        return source.kind == other.kind and source.needs == other.needs
    return source.origin[0] != other.origin[0] and source.needs == other.needs


def _rank(name: str) -> tuple[int, str]:
    names = [excerpt.name for excerpt in EXCERPTS]
    return (names.index(name), "") if name in names else (len(names), name)


def _of_file(path: Path, name: str) -> Iterable[Source]:
    """Return the sources that a video gives."""
    sha256 = sha256_file(path)
    excerpts = [excerpt for excerpt in EXCERPTS if excerpt.file == path.name]
    if not excerpts:
        excerpts = [Excerpt(name, path.name, "user", "a user's video", 0.0, _MOST_SECONDS)]
    for excerpt in excerpts:
        _require(path, excerpt)
        part = (path.absolute(), excerpt.start, excerpt.seconds, excerpt.side)
        yield Source(
            excerpt.name,
            excerpt.kind,
            excerpt.category,
            _digest(sha256, excerpt.start, excerpt.seconds, excerpt.side),
            _LAYERS | ({"object"} if excerpt.fixed else set()),
            part,
        )


def _of_world(spec: WorldSpec) -> Source:
    needs = _LAYERS | ({"object"} if spec.fixed else set())
    if spec.prompted:
        needs = frozenset({"prompts", "audio"})
    if spec.drum:
        needs = frozenset({"audio"})
    return Source(spec.name, "world", spec.category, _digest(VERSION, spec), needs, spec)


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _relative(path: Path, root: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)


def _require(path: Path, excerpt: Excerpt) -> None:
    """Refuse a video that states that it is too short; others are found when they are read."""
    with open_video(path, Products(small=SIDE)) as reader:
        duration = reader.info.duration
    if duration is not None and duration - excerpt.start < _LEAST_SECONDS:
        raise _short(path, duration - excerpt.start)


@lru_cache(_KEPT)
def _clip(origin: Origin) -> Clip:
    return world_clip(origin) if isinstance(origin, WorldSpec) else _decoded(*origin)


def _decoded(path: Path, start: float, seconds: float, side: int) -> Clip:
    """Return a part of a video at a constant rate, with a long side of some pixels."""
    pictures: list[Pictures] = []
    times: list[float] = []
    end, apart = start + seconds - _TINY, 0.9 / _MOST_FPS
    with open_video(path, Products(small=side)) as reader:
        for chunk in reader:
            assert chunk.small is not None
            for picture, time in zip(chunk.small, chunk.pts.tolist(), strict=True):
                if start - _TINY <= time < end and time >= (times or [-apart])[-1] + apart:
                    pictures.append(picture.copy())
                    times.append(time)
            if chunk.pts[-1] >= end:
                break
    lasts = times[-1] - times[0] if times else 0.0
    if lasts < _LEAST_SECONDS - 0.5 or len(times) < _LEAST_FRAMES:
        raise _short(path, lasts)
    rows, columns = (side // 2 * 2 for side in pictures[0].shape[:2])
    frames = np.stack([picture[:rows, :columns] for picture in pictures])
    return ArrayClip(*_even(frames, np.asarray(times)))


def _even(frames: Pictures, times: NDArray[np.float64]) -> tuple[Pictures, float]:
    """Return frames at an even rate, the usual one of their times, and that rate."""
    steps = np.diff(times)
    usual = steps[steps < 1.5 * np.median(steps)].mean()
    fps = float(Fraction(1 / usual).limit_denominator(1001))
    shown = np.arange(round((times[-1] - times[0]) * fps) + 1) / fps + times[0]
    return frames[np.searchsorted(times, shown + usual / 2, "right") - 1], fps


def _short(path: Path, seconds: float) -> UsageError:
    return UsageError(
        "take a video as a source",
        found=f"{max(seconds, 0.0):.1f} s of video",
        where=str(path),
        fix=f"give {_LEAST_SECONDS:g} s or more, and {_LEAST_FRAMES} frames or more",
    )
