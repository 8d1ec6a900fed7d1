"""A procedural clip with ground truth: any frames of it, in any order, of any length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import UsageError
from lvbench.world import grammar
from lvbench.world.grammar import LEVELS, Shot
from lvbench.world.landmarks import LANDMARKS
from lvbench.world.motion import BounceOnset, Trajectories
from lvbench.world.palette import TINTS as COLOURS
from lvbench.world.panorama import Size, panorama
from lvbench.world.random_numbers import TINTS, uniforms
from lvbench.world.render import developed, draw_character, draw_posts, draw_view
from lvbench.world.shapes import RADIUS
from lvbench.world.timeline import ShotSpan, ShotTimeline
from lvbench.world.truth import Truth, truth

VERSION = 1  # raised by any change to pixels, truth or audio of a clip
CHUNK = 16
_MOST_LANDMARKS = max(map(len, LANDMARKS.values()))
_PIXELS = 2**21  # pixels drawn at a time, to bound memory


class World:
    """The clip of a schedule of shots and a seed.

    Everything is a closed form of time: a frame does not depend on the requested range.

    Args:
        shots: Shots in order, from `schedule` or `draw_shots`.
        seed: Determines the motion of the cast and the tints of the landmarks; below 2**32.
        fps: Frames per second.
        level: Content in addition to the cast: landmarks from 1 on, texture and occluders from 2
            on; by default the level of the shots.
        aspect: Width of the view over its height.

    Raises:
        ConfigError: The shots are not in order.
        UsageError: The seed, the rate, the level or the aspect is invalid.
    """

    def __init__(
        self,
        shots: Sequence[Shot],
        seed: int,
        *,
        fps: float = 8.0,
        level: int | None = None,
        aspect: float = 1.0,
    ) -> None:
        self.timeline = ShotTimeline(shots, fps)
        self.seed = seed
        self.level = grammar.level(shots) if level is None else level
        self.aspect = aspect
        _check("seed", seed, 0 <= seed < 2**32, "give 0 <= seed < 2**32")
        _check("level", self.level, self.level in range(LEVELS), f"give 0 to {LEVELS - 1}")
        _check("aspect", aspect, 2.5 * RADIUS < aspect < 10, "give 0.5 to 4")
        self._ways: dict[int, Trajectories] = {}
        self._tints: dict[str, tuple[int, ...]] = {}

    @property
    def shots(self) -> tuple[Shot, ...]:
        """Return the shots in order."""
        return self.timeline.shots

    @property
    def fps(self) -> float:
        """Return the frames per second."""
        return self.timeline.fps

    def render(self, start: int, stop: int, width: int, height: int) -> NDArray[np.uint8]:
        """Return the frames [start, stop) as `uint8 (T, height, width, 3)` RGB.

        Raises:
            UsageError: The range is invalid, or the size does not have the world's aspect.
        """
        size = self.size(width, height)
        pictures = np.empty((max(0, stop - start), height, width, 3), np.uint8)
        batch = max(1, _PIXELS // (width * height))
        done = 0
        for run in self.timeline.runs(start, stop):
            for part in run.parts(batch):
                count = len(part.times)
                pictures[done : done + count] = self._draw(part, size)
                done += count
        return pictures

    def chunks(
        self, seconds: float, width: int, height: int, chunk: int = CHUNK
    ) -> Iterator[NDArray[np.uint8]]:
        """Yield the clip from its start in chunks of frames, in bounded memory."""
        count = round(seconds * self.fps)
        for start in range(0, count, chunk):
            yield self.render(start, min(start + chunk, count), width, height)

    def truth(self, start: int, stop: int, width: int, height: int) -> Truth:
        """Return the ground truth of the frames [start, stop) at a size.

        Raises:
            UsageError: As for `render`.
        """
        return truth(self, start, stop, width, height)

    def onsets(self, start: float, stop: float) -> list[BounceOnset]:
        """Return the bounces of the cast in [start, stop), in seconds since the clip's start."""
        found = []
        ends = [*(shot.start for shot in self.shots[1:]), float("inf")]
        for index, (shot, end) in enumerate(zip(self.shots, ends, strict=True)):
            low, high = max(start, shot.start) - shot.start, min(stop, end) - shot.start
            if low < high:
                found += [
                    BounceOnset(shot.start + one.since, shot.cast[one.member].number, one.wall)
                    for one in self.trajectories(index).bounces(len(shot.cast), low, high)
                ]
        return found

    def size(self, width: int, height: int) -> Size:
        """Return the size of a view, which must have the world's aspect up to rounding."""
        fits = min(width, height) >= 8 and abs(width - self.aspect * height) <= 1
        _check("size", f"{width}x{height}", fits, f"give a size of aspect {self.aspect:g}")
        return Size(width, height, self.aspect)

    def trajectories(self, shot: int) -> Trajectories:
        """Return the trajectories of the cast of a shot."""
        if shot not in self._ways:
            self._ways[shot] = Trajectories.draw(self.seed, shot, self.aspect)
        return self._ways[shot]

    def tints(self, scene: str) -> tuple[int, ...]:
        """Return the tint indices of a scene's landmarks; none at level 0."""
        if self.level < 1:
            return ()
        if scene not in self._tints:
            index = grammar.SCENES.index(scene)
            numbers = uniforms(_MOST_LANDMARKS, self.seed, TINTS, index)
            chosen = (numbers * len(COLOURS)).astype(int).tolist()
            self._tints[scene] = tuple(chosen[: len(LANDMARKS[scene])])
        return self._tints[scene]

    def _draw(self, run: ShotSpan, size: Size) -> NDArray[np.uint8]:
        shot, camera = run.shot, run.camera
        views = draw_view(
            panorama(shot.scene, self.tints(shot.scene), self.level > 1, size), camera, size
        )
        centres = self.trajectories(run.index).centres(run.since)
        centres[:, :, 0] -= camera[:, None] * self.aspect
        for place in reversed(range(len(shot.cast))):
            draw_character(views, shot.cast[place], centres[:, place], size)
        if self.level > 1:
            draw_posts(views, shot.scene, camera, size)
        return developed(views, run.gain)


def _check(name: str, value: object, fits: bool, fix: str) -> None:
    if not fits:
        raise UsageError("make a world", found=f"{name} = {value}", where=f"the {name}", fix=fix)
