"""Training data: windows of the world, drawn for every step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lvbench.errors import ConfigError
from lvbench.reference.config import NetworkConfig, TrainingConfig
from lvbench.reference.keyed import generator
from lvbench.reference.network.embedding import Prompts, prompts_of
from lvbench.world.condition import Condition, conditions
from lvbench.world.draw import draw_shots, train_seed
from lvbench.world.grammar import Shot
from lvbench.world.world import World

CLIP_SECONDS = 64.0  # windows are cut from clips of this length
_TRIES = 1000  # clips drawn to find one with the requested words
RECALLED = 2  # frames of a clip with memory that are from before its window


@dataclass(frozen=True, slots=True)
class Batch:
    """Clips of one step.

    Attributes:
        frames: float32 `(batch, T, 3, size, size)` in [-1, 1].
        prompts: Prompts of the frames.
        recalled: bool `(batch, T)`, frames from before the window.
    """

    frames: Tensor
    prompts: Prompts
    recalled: Tensor


def training_batch(network: NetworkConfig, config: TrainingConfig, step: int) -> Batch:
    """Return the clips of a step, a function of (seed, step) only."""
    dice = generator("clips", config.seed, step)
    length = network.window // 2 if step < config.short_until else network.window
    count = config.batch
    if generator("images", config.seed, step).random() < config.images:
        length, count = 1, count * network.window
    clips = [_clip(network, config, length, dice) for _ in range(count)]
    return collate(clips)


def collate(clips: list[tuple[np.ndarray, Condition, np.ndarray]]) -> Batch:
    """Return clips of one length as a batch: frames uint8 `(T, h, w, 3)`, conditions, recalled."""
    return Batch(
        to_pixels(np.stack([clip[0] for clip in clips])),
        prompts_of([clip[1] for clip in clips]),
        torch.from_numpy(np.stack([clip[2] for clip in clips])),
    )


def to_pixels(frames: np.ndarray) -> Tensor:
    """Return uint8 `(..., h, w, 3)` as float32 `(..., 3, h, w)` in [-1, 1]."""
    return torch.from_numpy(frames).movedim(-1, -3).contiguous().float() / 127.5 - 1


def to_frames(pixels: Tensor) -> np.ndarray:
    """Return float `(..., 3, h, w)` in [-1, 1] as uint8 `(..., h, w, 3)`, clamped."""
    levels = ((pixels.float().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
    return levels.movedim(-3, -1).cpu().numpy()


def _clip(
    network: NetworkConfig, config: TrainingConfig, length: int, dice: np.random.Generator
) -> tuple[np.ndarray, Condition, np.ndarray]:
    level = int(dice.choice(config.levels))
    seed, shots = _drawn(config, level, dice)
    speed = pace(config.augment, dice)
    world = World(shots, seed, fps=network.fps / speed, level=level)
    start = _start(world, length, dice)
    ranges = [(start, start + length)]
    recalled = np.zeros(length, bool)
    recalls = length > RECALLED and dice.random() < config.memory
    earlier = _earlier(world, start, dice) if recalls else None
    if earlier is not None:
        ranges = [(earlier, earlier + RECALLED), (start, start + length - RECALLED)]
        recalled[:RECALLED] = True
    frames = np.concatenate([world.render(a, b, network.size, network.size) for a, b in ranges])
    parts = [conditions(world, a, b) for a, b in ranges]
    condition = joined(parts)
    condition.camera[:, 1] *= speed
    frames, condition = augmented(frames, condition, config.augment, dice)
    return frames, condition, recalled


def _drawn(
    config: TrainingConfig, level: int, dice: np.random.Generator
) -> tuple[int, tuple[Shot, ...]]:
    """Return seed and schedule of the first drawn clip whose words the recipe allows."""
    for _ in range(_TRIES):
        seed = train_seed(int(dice.integers(2**31)))
        shots = draw_shots(level, seed, CLIP_SECONDS)
        if allowed(shots, config.without, config.only):
            return seed, shots
    raise ConfigError(
        "draw clips for training",
        found=f"none of {_TRIES} clips of level {level} is without {config.without} and with one "
        f"of {config.only or 'any words'}",
        where="the training recipe",
        fix="exclude fewer words, or choose a level that has the required words",
    )


def allowed(shots: tuple[Shot, ...], without: Sequence[str], only: Sequence[str]) -> bool:
    """Return whether a clip has no word of `without`, and one of `only` if that is given."""
    members = [member for shot in shots for member in shot.cast]
    words = {shot.scene for shot in shots}
    words |= {word for one in members for word in (one.shape, one.hue, one.pattern)}
    return words.isdisjoint(without) and (not only or not words.isdisjoint(only))


def _start(world: World, length: int, dice: np.random.Generator) -> int:
    """Return a random window start; a fifth of the windows of clips with cuts contain a cut."""
    last = round(CLIP_SECONDS * world.fps) - length
    cuts = [round(shot.start * world.fps) for shot in world.shots[1:]]
    if length > 1 and cuts and dice.random() < 0.2:
        cut = int(dice.choice(cuts))
        return int(np.clip(cut - dice.integers(1, length), 0, last))
    if dice.random() < 0.05:
        return 0  # clip starts would otherwise be one window in five hundred
    return int(dice.integers(0, last + 1))


def _earlier(world: World, start: int, dice: np.random.Generator) -> int | None:
    """Return a frame of the same shot, a second or more before `start`; None if there is none."""
    begun = max(round(s.start * world.fps) for s in world.shots if s.start * world.fps <= start)
    last = start - round(world.fps) - RECALLED
    return int(dice.integers(begun, last + 1)) if last >= begun else None


def joined(parts: list[Condition]) -> Condition:
    """Return the concatenated conditions of several ranges of frames."""
    names = ("scene", "cast", "camera", "light", "since")
    return Condition(*(np.concatenate([getattr(p, name) for p in parts]) for name in names))


AUGMENTATIONS = ("mirror", "hue", "speed")
_PACES = (0.75, 1.25)


def pace(chosen: tuple[str, ...], dice: np.random.Generator) -> float:
    """Return the speed of a clip: under `speed`, half of the clips are slower or faster."""
    if "speed" not in chosen or dice.random() < 0.5:
        return 1.0
    return float(dice.choice(_PACES))


def augmented(
    frames: NDArray[np.uint8],
    condition: Condition,
    chosen: tuple[str, ...],
    dice: np.random.Generator,
) -> tuple[NDArray[np.uint8], Condition]:
    """Return the clip; each chosen augmentation applies to half of the clips.

    - `mirror`: flip the frames and the camera motion horizontally.
    - `hue`: permute red, green and blue, and drop the cast's hues from the prompt.
    """
    if "mirror" in chosen and dice.random() < 0.5:
        frames = frames[:, :, ::-1]
        condition = replace(condition, camera=-condition.camera)
    if "hue" in chosen and dice.random() < 0.5:
        frames = frames[..., dice.permutation(3)]
        cast = condition.cast.copy()
        cast[..., 1] = -1
        condition = replace(condition, cast=cast)
    return np.ascontiguousarray(frames), condition
