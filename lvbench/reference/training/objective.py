"""The objective: noise levels of a batch, and the loss of what the network made of it."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor

from lvbench.reference.config import TrainingConfig
from lvbench.reference.keyed import generator, normal
from lvbench.reference.network.embedding import Prompts
from lvbench.reference.network.loop_net import LoopNet
from lvbench.reference.network.previous import Previous, shifted
from lvbench.reference.network.view import training_view
from lvbench.reference.training.batches import Batch

MEAN, SPREAD = 0.8, 1.2  # of the logit of a noise level: more noise than not
PURE = 0.1  # share of frames at pure noise, where every sample begins
FLOOR = 0.4  # below this level the loss is no longer weighted up
PREFIX = 0.35  # share of clips without teacher whose first frames are nearly clean


@dataclass(frozen=True, slots=True)
class Noised:
    """What the network is given in one step, and what its answer is held against.

    Attributes:
        frames: Noisy frames; under a teacher, the clean past's batch first.
        levels: Their noise levels.
        prompts: What the prompts say, some withheld.
        recalled: Frames from earlier than the window.
        clean: The clean frames behind `frames[-batch:]`.
        counted: bool `(batch, T)`, frames that count in the loss.
        teacher: Whether the first half of `frames` is the clean past.
    """

    frames: Tensor
    levels: Tensor
    prompts: Prompts
    recalled: Tensor
    clean: Tensor
    counted: Tensor
    teacher: bool

    def to(self, device: torch.device | str) -> Noised:
        """Return all of it on a device."""
        moved = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "teacher"}
        return Noised(
            **{name: part.to(device) for name, part in moved.items()}, teacher=self.teacher
        )


def noised(batch: Batch, config: TrainingConfig, step: int) -> Noised:
    """Return a batch with noise: a function of (seed, step) alone."""
    dice = generator("noise", config.seed, step)
    shape = batch.frames.shape[:2]
    noise = normal(tuple(batch.frames.shape), "pixels", config.seed, step)
    levels = _independent(dice, shape)
    several = shape[1] > 1
    teacher = several and bool(dice.random() < config.teacher_forcing)
    prompts = batch.prompts.withheld(torch.from_numpy(dice.random(shape[0]) < config.drop_prompt))
    counted = ~batch.recalled
    if not teacher:
        prefix = torch.zeros(shape, dtype=torch.bool)
        if several:
            levels, prefix = _with_prefix(dice, levels, config.history_noise)
        frames = mix(batch.frames, noise, levels)
        return Noised(
            frames, levels, prompts, batch.recalled, batch.frames, counted & ~prefix, False
        )
    past_levels = _past_levels(dice, shape, config.history_noise)
    past_noise = normal(tuple(batch.frames.shape), "past", config.seed, step)
    past = mix(batch.frames, past_noise, past_levels)
    return Noised(
        torch.cat([past, mix(batch.frames, noise, levels)]),
        torch.cat([past_levels, levels]),
        Prompts.joined([prompts, prompts], 0),
        batch.recalled.repeat(2, 1),
        batch.frames,
        counted,
        True,
    )


def predicted(network: LoopNet, given: Noised) -> Tensor:
    """Return what the network takes for the clean frames, shaped as `given.clean`, float32."""
    view = training_view(given.levels.shape[1], network.tokens, given.teacher)
    made, _ = network(
        given.frames,
        given.levels,
        given.prompts,
        previous=_previous(given),
        recalled=given.recalled,
        view=view,
    )
    clean: Tensor = made[-len(given.clean) :].float()
    return clean


def _previous(given: Noised) -> Previous:
    """Return the frame before each: under a teacher a clean one; none beside a recalled frame."""
    half = len(given.frames) // 2 if given.teacher else len(given.frames)
    previous = shifted(given.frames[:half], given.levels[:half])
    recalled = given.recalled[:half]
    after = torch.cat([torch.zeros_like(recalled[:, :1]), recalled[:, :-1]], 1)
    previous = previous.without(recalled | after)
    return previous.doubled() if given.teacher else previous


def loss_of(made: Tensor, given: Noised) -> Tensor:
    """Return the mean squared error, weighted as an error of the velocity with a floor.

    Source: rectified flow (Liu et al., 2023) with prediction of the clean frame, weight
    1 / max(t, 0.4)^2.
    """
    levels = given.levels[-len(given.clean) :]
    error = (made - given.clean).square().mean(dim=(2, 3, 4))
    weights = levels.clamp(min=FLOOR).square().reciprocal() * given.counted
    return (error * weights).sum() / given.counted.sum()


def mix(clean: Tensor, noise: Tensor, levels: Tensor) -> Tensor:
    """Return frames on the straight way from clean (level 0) to noise (level 1)."""
    level = levels[..., None, None, None]
    return (1 - level) * clean + level * noise


def _independent(dice: np.random.Generator, shape: tuple[int, ...]) -> Tensor:
    levels = 1 / (1 + np.exp(-dice.normal(MEAN, SPREAD, shape)))
    levels[dice.random(shape) < PURE] = 1.0
    return torch.from_numpy(levels.astype(np.float32))


def _past_levels(dice: np.random.Generator, shape: tuple[int, ...], most: float) -> Tensor:
    """Return one level a clip, half of them zero: a past is as clean or as noisy throughout."""
    levels = dice.uniform(0, most, shape[0]) * (dice.random(shape[0]) < 0.5)
    return torch.from_numpy(np.repeat(levels[:, None], shape[1], 1).astype(np.float32))


def _with_prefix(dice: np.random.Generator, levels: Tensor, most: float) -> tuple[Tensor, Tensor]:
    """Give some clips a nearly clean beginning of random length, which does not count."""
    batch, frames = levels.shape
    length = dice.integers(1, frames, batch) * (dice.random(batch) < PREFIX)
    prefix = torch.arange(frames)[None] < torch.from_numpy(length)[:, None]
    low = torch.from_numpy(dice.uniform(0, most, (batch, 1)).astype(np.float32))
    return torch.where(prefix, low, levels), prefix
