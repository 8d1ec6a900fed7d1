"""Clips of the world as sources, with the prompts, the sounds and the audio that were ordered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lvbench.validity.clip import ArrayClip, Clip, Numbers, Pictures, Shape
from lvbench.video.audio.samples import AudioBlock
from lvbench.video.manifest.entry import Prompt, SoundEvent
from lvbench.world import audio, grammar
from lvbench.world.clip import render_clip
from lvbench.world.grammar import Shot
from lvbench.world.motion import BounceOnset
from lvbench.world.world import World

Persist = Literal["identity", "scene", "light", "style"]
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
)  # fmt: skip
"""The world's sources."""


class WorldClip(Clip):
    """A clip of the world: what was ordered, and what is seen and heard.

    Args:
        ordered: The world that was ordered.
        seconds: Length.
        size: Width and height in pixels.
        seen: Other shots that are drawn instead.
        heard: The notes that are heard; by default those of what is seen.
    """

    def __init__(
        self,
        ordered: World,
        seconds: float,
        size: tuple[int, int],
        seen: Sequence[Shot] | None = None,
        heard: Sequence[BounceOnset] | None = None,
    ) -> None:
        self.ordered, self.size = ordered, size
        self.seen = ordered if seen is None else _other(ordered, seen)
        self.heard = tuple(self.seen.onsets(0.0, seconds) if heard is None else heard)
        self.shape = Shape(round(seconds * ordered.fps), size[1], size[0], ordered.fps)

    def showing(self, shots: Sequence[Shot]) -> WorldClip:
        """Return the clip with other shots, and their notes."""
        return WorldClip(self.ordered, self.shape.seconds, self.size, shots)

    def sounding(self, notes: Sequence[BounceOnset]) -> WorldClip:
        """Return the clip with other notes."""
        return WorldClip(self.ordered, self.shape.seconds, self.size, self.seen.shots, notes)

    def take(self, numbers: Numbers) -> Pictures:
        """Return the frames of these numbers."""
        ends = np.flatnonzero(np.diff(numbers) != 1) + 1
        runs = np.split(numbers, ends)
        return np.concatenate(
            [self.seen.render(int(run[0]), int(run[-1]) + 1, *self.size) for run in runs]
        )

    @property
    def prompts(self) -> tuple[Prompt, ...]:
        """Return the prompts that were ordered."""
        shots = self.ordered.shots
        persist: tuple[Persist, ...] = ("identity", "scene", "light", "style")
        return tuple(
            Prompt(start=s.start, text=s.text, persist=persist if len(shots) == 1 else ("style",))
            for s in shots
        )

    @property
    def cuts(self) -> tuple[float, ...]:
        """Return the cuts that were ordered, in seconds."""
        return tuple(shot.start for shot in self.ordered.shots[1:])

    @property
    def sounds(self) -> tuple[SoundEvent, ...]:
        """Return the sounds that were ordered: a note at every bounce."""
        onsets = self.ordered.onsets(0.0, self.shape.seconds)
        return tuple(SoundEvent(start=onset.time, text="note") for onset in onsets)

    def audio(self) -> Iterator[AudioBlock]:
        """Yield the audio, mono, in blocks of a second."""
        for first in np.arange(0, self.shape.seconds, _BLOCK).tolist():
            last = min(first + _BLOCK, self.shape.seconds)
            samples = audio.notes(self.heard, first, last)
            yield AudioBlock(first, audio.RATE, samples[:, None], ("FC",))


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
        return np.clip(np.rint(lit), 0, 255).astype(np.uint8)


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
    clip = planted if isinstance(planted, WorldClip) else untouched
    if not isinstance(clip, WorldClip):
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
    return Night(clip, spec.dark) if spec.dark else clip
