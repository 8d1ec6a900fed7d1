"""Clips of the world as sources, with the prompts, the sounds and the audio that were ordered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from lvbench.validity.clip import ArrayClip, Clip, Numbers, Pictures, Shape
from lvbench.validity.stage import Actor, Lighting
from lvbench.video.audio.samples import AudioBlock
from lvbench.video.manifest.entry import Prompt, SoundEvent
from lvbench.world import audio, grammar
from lvbench.world.clip import render_clip
from lvbench.world.grammar import Shot
from lvbench.world.motion import BounceOnset
from lvbench.world.world import World

Persist = Literal["identity", "scene", "light", "style"]
_ALL: tuple[Persist, ...] = ("identity", "scene", "light", "style")
_TINY = 1e-6
_PAUSE = (0.4, 1.1)  # seconds between two leaps
_LEAP = 0.1  # seconds in which a leap decays to 1/e
_BLOCK = 1.0  # seconds of audio at a time
_GRAIN = 1.5  # standard deviation of a night's grain, in levels


@dataclass(frozen=True, slots=True)
class WorldSpec:
    """A clip of the world.

    Attributes:
        name: Name of the source.
        category: What it displays, in words.
        prompts: Start and text of each prompt; none for fields seen from the air.
        seed: Seed of the motion and of the landmarks' tints.
        seconds: Length.
        fps: Frames per second.
        size: Width and height in pixels.
        dark: Share of the light that is missing; a dark clip has grain.
        fixed: Whether the camera stands still.
        prompted: Whether it is for faults of prompts and audio.
        drum: Whether a figure leaps at each note, for faults of audio.
    """

    name: str
    category: str
    prompts: tuple[tuple[float, str], ...]
    seed: int
    seconds: float = 9.0
    fps: float = 16.0
    size: tuple[int, int] = (256, 144)
    dark: float = 0.0
    fixed: bool = False
    prompted: bool = False
    drum: bool = False


def _one(scene: str, cast: str, camera: str, light: str = "noon") -> tuple[tuple[float, str], ...]:
    return ((0.0, f"scene={scene}; cast={cast}; camera={camera}; light={light}"),)


def _four(*prompts: tuple[str, str]) -> tuple[tuple[float, str], ...]:
    return tuple(
        (4.0 * k, _one(scene, cast, "still")[0][1]) for k, (scene, cast) in enumerate(prompts)
    )


_SMALL = (96, 96)  # the world's encoders read pictures of 48 x 48
WORLDS = (
    WorldSpec("world_fields", "texture, moving camera", (), 1),
    WorldSpec("world_city", "fixed camera, one figure",
              _one("city", "red striped disc", "still"), 2**31 + 1, fixed=True),
    WorldSpec("world_harbour", "fixed camera, three figures",
              _one("harbour", "orange spotted ring, green solid square, purple striped triangle",
                   "still"), 2**31 + 2, fixed=True),
    WorldSpec("world_night", "night, fixed camera",
              _one("meadow", "yellow solid cross, pink spotted disc", "still"), 2**31 + 3,
              dark=0.7, fixed=True),
    WorldSpec("world_pan", "moving camera",
              _one("snow", "blue spotted square, red solid triangle", "pan right"), 2**31 + 4),
    WorldSpec("world_forest", "moving camera, one figure",
              _one("forest", "cyan striped cross", "pan left"), 2**31 + 5),
    WorldSpec("world_return", "camera that leaves and returns",
              _one("desert", "purple striped square, green spotted disc", "return right"),
              2**31 + 6, 16.0, 12.0),
    WorldSpec("world_prompts_a", "four prompts, audio",
              _four(("meadow", "red striped disc"), ("city", "blue solid square"),
                    ("snow", "orange spotted ring"), ("desert", "cyan solid triangle")),
              2**31 + 7, 16.0, 12.0, _SMALL, fixed=True, prompted=True),
    WorldSpec("world_prompts_b", "four prompts, audio",
              _four(("harbour", "yellow solid cross, purple striped disc"),
                    ("forest", "pink solid square, cyan spotted ring"),
                    ("meadow", "blue striped triangle, orange solid disc"),
                    ("snow", "green spotted square, red solid cross")),
              2**31 + 8, 16.0, 12.0, _SMALL, fixed=True, prompted=True),
    WorldSpec("world_prompts_c", "four prompts, audio",
              _four(("desert", "green solid ring"), ("harbour", "red spotted triangle"),
                    ("city", "yellow striped disc, purple solid square"),
                    ("forest", "blue solid cross")),
              2**31 + 9, 16.0, 12.0, _SMALL, fixed=True, prompted=True),
    *(WorldSpec(f"world_drum_{name}", "a figure that leaps, audio",
                _one(scene, "red solid disc", "still"), seed, 16.0, 25.0, fixed=True, drum=True)
      for seed, (name, scene) in enumerate((("a", "city"), ("b", "meadow"), ("c", "snow")))),
)  # fmt: skip
"""The world's sources."""


class Performance(Clip):
    """A clip with notes that were ordered and notes that are heard.

    Attributes:
        ordered_notes: The notes that were ordered.
        heard: The notes that are heard.
        prompts: The prompts that were ordered.
        cuts: The cuts that were ordered, in seconds.
    """

    ordered_notes: tuple[BounceOnset, ...] = ()
    heard: tuple[BounceOnset, ...] = ()
    prompts: tuple[Prompt, ...] = ()
    cuts: tuple[float, ...] = ()

    def sounding(self, notes: Sequence[BounceOnset]) -> Performance:
        """Return the clip with other notes."""
        other = copy(self)
        other.heard = tuple(notes)
        return other

    @property
    def sounds(self) -> tuple[SoundEvent, ...]:
        """Return the sounds that were ordered."""
        return tuple(SoundEvent(start=note.time, text="note") for note in self.ordered_notes)

    def audio(self) -> Iterator[AudioBlock]:
        """Yield the audio, mono, in blocks of a second."""
        for first in np.arange(0, self.shape.seconds, _BLOCK).tolist():
            last = min(first + _BLOCK, self.shape.seconds)
            samples = audio.notes(self.heard, first, last)
            yield AudioBlock(first, audio.RATE, samples[:, None], ("FC",))


class WorldClip(Performance):
    """A clip of the world: what was ordered, and what is seen.

    Args:
        ordered: The world that was ordered.
        seconds: Length.
        size: Width and height in pixels.
        seen: Other shots that are drawn instead.
    """

    def __init__(
        self,
        ordered: World,
        seconds: float,
        size: tuple[int, int],
        seen: Sequence[Shot] | None = None,
    ) -> None:
        self.ordered, self._size = ordered, size
        self._seen = ordered if seen is None else _other(ordered, seen)
        self.shape = Shape(round(seconds * ordered.fps), size[1], size[0], ordered.fps)
        self.ordered_notes = tuple(ordered.onsets(0.0, seconds))
        self.heard = tuple(self._seen.onsets(0.0, seconds))
        shots = ordered.shots
        self.cuts = tuple(shot.start for shot in shots[1:])
        persist: tuple[Persist, ...] = ("style",) if self.cuts else _ALL
        self.prompts = tuple(
            Prompt(start=shot.start, text=shot.text, persist=persist) for shot in shots
        )

    def showing(self, shots: Sequence[Shot]) -> WorldClip:
        """Return the clip with other shots, and their notes."""
        return WorldClip(self.ordered, self.shape.seconds, self._size, shots)

    def take(self, numbers: Numbers) -> Pictures:
        """Return the frames of these numbers."""
        ends = np.flatnonzero(np.diff(numbers) != 1) + 1
        runs = np.split(numbers, ends)
        return np.concatenate(
            [self._seen.render(int(run[0]), int(run[-1]) + 1, *self._size) for run in runs]
        )


class Drum(Performance):
    """A figure that leaps up at irregular times, with a note each time.

    Args:
        clip: What is behind it.
        seed: Seed of the figure and of the times.
    """

    def __init__(self, clip: Clip, seed: int) -> None:
        rng = np.random.default_rng([seed, 2])
        beats = np.cumsum(rng.uniform(*_PAUSE, round(clip.shape.seconds / _PAUSE[0])))
        beats = beats[beats < clip.shape.seconds - 0.5]
        self._clip, self.shape = clip, clip.shape
        self._actor, self._light = replace(Actor.thing(seed), height=0.45), Lighting.of(clip)
        self.ordered_notes = tuple(BounceOnset(t, 0, "bottom") for t in beats.tolist())
        self.heard = self.ordered_notes

    def take(self, numbers: Numbers) -> Pictures:
        """Return the frames of these numbers."""
        pictures = self._clip.take(numbers)
        for picture, number in zip(pictures, numbers.tolist(), strict=True):
            time = number / self.shape.fps
            leaps = (time - note.time for note in self.ordered_notes)
            up = sum(np.exp(-since / _LEAP) for since in leaps if since >= -_TINY)
            x, y = self._actor.centre
            replace(self._actor, centre=(x, y - 0.3 * float(up))).draw(picture, time, self._light)
        return pictures


def _other(world: World, shots: Sequence[Shot]) -> World:
    return World(shots, world.seed, fps=world.fps, level=world.level, aspect=world.aspect)


class Night(Clip):
    """A clip in the dark, with the grain of a camera.

    Args:
        clip: The clip.
        dark: Share of the light that is missing.
    """

    def __init__(self, clip: Clip, dark: float) -> None:
        self._clip, self._gain, self.shape = clip, 1 - dark, clip.shape

    def take(self, numbers: Numbers) -> Pictures:
        """Return the frames of these numbers."""
        lit = self._clip.take(numbers) * np.float32(self._gain)
        for picture, number in zip(lit, numbers.tolist(), strict=True):
            rng = np.random.default_rng([7, number])
            picture += _GRAIN * rng.standard_normal(picture.shape[:2], np.float32)[..., None]
        pictures: Pictures = np.clip(np.rint(lit), 0, 255).astype(np.uint8)
        return pictures


@dataclass(frozen=True, slots=True)
class Recording:
    """What is written with a clip.

    Attributes:
        prompts: The prompts that were ordered.
        cuts: The cuts that were ordered, in seconds.
        sounds: The sounds that were ordered; none where their times are not.
        audio: The audio.
    """

    prompts: tuple[Prompt, ...] = ()
    cuts: tuple[float, ...] = ()
    sounds: tuple[SoundEvent, ...] = ()
    audio: tuple[AudioBlock, ...] = ()


def recording(planted: Clip, untouched: Clip) -> Recording:
    """Return what is written with a clip: its own, or that of the untouched one, or nothing."""
    clip = planted if isinstance(planted, Performance) else untouched
    if not isinstance(clip, Performance):
        return Recording()
    return Recording(clip.prompts, clip.cuts, clip.sounds, tuple(clip.audio()))


def world_clip(spec: WorldSpec) -> Clip:
    """Return the clip of a world; without prompts, of fields from the air."""
    if not spec.prompts:
        return ArrayClip(
            np.concatenate([*render_clip(spec.seconds, spec.fps, *spec.size, spec.seed)]), spec.fps
        )
    shots = grammar.schedule(spec.prompts)
    world = World(shots, spec.seed, fps=spec.fps, level=3, aspect=spec.size[0] / spec.size[1])
    clip = WorldClip(world, spec.seconds, spec.size)
    if spec.drum:
        return Drum(clip, spec.seed)
    return Night(clip, spec.dark) if spec.dark else clip
