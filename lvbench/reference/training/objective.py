"""Training objective: noise levels, self-rollout, guidance distillation and the loss."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace

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
FLOOR = 0.4  # noise level below which the loss weight is constant
PREFIX = 0.35  # share of clips without teacher forcing whose first frames are nearly clean


@dataclass(frozen=True, slots=True)
class NoisyBatch:
    """Inputs and targets of one training step.

    Attributes:
        frames: Noisy frames; under teacher forcing preceded by the batch of the clean past.
        levels: Their noise levels.
        prompts: Their prompts, some withheld.
        recalled: Frames from before the window.
        clean: The clean frames of `frames[-batch:]`, the targets.
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

    def to(self, device: torch.device | str) -> NoisyBatch:
        """Return all of it on a device."""
        moved = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "teacher"}
        return NoisyBatch(
            **{name: part.to(device) for name, part in moved.items()}, teacher=self.teacher
        )


def add_noise(batch: Batch, config: TrainingConfig, step: int) -> NoisyBatch:
    """Return a batch with noise, a function of (seed, step) only."""
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
        return NoisyBatch(
            frames, levels, prompts, batch.recalled, batch.frames, counted & ~prefix, False
        )
    past_levels = _past_levels(dice, shape, config.history_noise)
    past_noise = normal(tuple(batch.frames.shape), "past", config.seed, step)
    past = mix(batch.frames, past_noise, past_levels)
    return NoisyBatch(
        torch.cat([past, mix(batch.frames, noise, levels)]),
        torch.cat([past_levels, levels]),
        Prompts.joined([prompts, prompts], 0),
        batch.recalled.repeat(2, 1),
        batch.frames,
        counted,
        True,
    )


def predicted(network: LoopNet, given: NoisyBatch) -> Tensor:
    """Return the predicted clean frames, shaped as `given.clean`, float32."""
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


def _previous(given: NoisyBatch) -> Previous:
    """Return the preceding frames: clean under teacher forcing; none at recalled frames."""
    half = len(given.frames) // 2 if given.teacher else len(given.frames)
    previous = shifted(given.frames[:half], given.levels[:half])
    recalled = given.recalled[:half]
    after = torch.cat([torch.zeros_like(recalled[:, :1]), recalled[:, :-1]], 1)
    previous = previous.without(recalled | after)
    return previous.doubled() if given.teacher else previous


def training_loss(made: Tensor, given: NoisyBatch) -> Tensor:
    """Return the mean squared error, weighted as an error of the velocity with a floor.

    Source: rectified flow (Liu et al., 2023) with prediction of the clean frame, weight
    1 / max(t, 0.4)^2.
    """
    levels = given.levels[-len(given.clean) :]
    error = (made - given.clean).square().mean(dim=(2, 3, 4))
    weights = levels.clamp(min=FLOOR).square().reciprocal() * given.counted
    return (error * weights).sum() / given.counted.sum()


def mix(clean: Tensor, noise: Tensor, levels: Tensor) -> Tensor:
    """Interpolate linearly from clean frames (level 0) to noise (level 1)."""
    level = levels[..., None, None, None]
    return (1 - level) * clean + level * noise


def _independent(dice: np.random.Generator, shape: tuple[int, ...]) -> Tensor:
    levels = 1 / (1 + np.exp(-dice.normal(MEAN, SPREAD, shape)))
    levels[dice.random(shape) < PURE] = 1.0
    return torch.from_numpy(levels.astype(np.float32))


def _past_levels(dice: np.random.Generator, shape: tuple[int, ...], most: float) -> Tensor:
    """Return one noise level per clip for its complete past; half of the levels are zero."""
    levels = dice.uniform(0, most, shape[0]) * (dice.random(shape[0]) < 0.5)
    return torch.from_numpy(np.repeat(levels[:, None], shape[1], 1).astype(np.float32))


def _with_prefix(dice: np.random.Generator, levels: Tensor, most: float) -> tuple[Tensor, Tensor]:
    """Give some clips a nearly clean prefix of random length that does not count in the loss."""
    batch, frames = levels.shape
    length = dice.integers(1, frames, batch) * (dice.random(batch) < PREFIX)
    prefix = torch.arange(frames)[None] < torch.from_numpy(length)[:, None]
    low = torch.from_numpy(dice.uniform(0, most, (batch, 1)).astype(np.float32))
    return torch.where(prefix, low, levels), prefix


def guided_target(
    predict: Callable[[NoisyBatch], Tensor], given: NoisyBatch, scale: float
) -> NoisyBatch:
    """Replace the targets of clips with a prompt by a teacher's guided prediction.

    One pass then gives the result of two guided ones. Clips without prompt keep the true targets,
    so that the result can still be guided. `predict` returns the teacher's predicted clean frames,
    without a gradient.

    Source: Meng et al., On Distillation of Guided Diffusion Models, 2023, first stage, at one
    scale.
    """
    every = torch.ones(len(given.frames), dtype=torch.bool, device=given.frames.device)
    prompted = predict(given)
    silent = predict(replace(given, prompts=given.prompts.withheld(every)))
    guided = (prompted + (scale - 1) * (prompted - silent)).clamp(-1, 1)
    withheld = (given.prompts.scene[: len(given.clean)] < 0).all(1)
    clean = torch.where(withheld[:, None, None, None, None], given.clean, guided)
    return replace(given, clean=clean)


_LATEST = 0.5  # largest share of frames, from the end of a clip, whose past is predicted


def with_self_rollout(
    predict: Callable[[NoisyBatch], Tensor], given: NoisyBatch, config: TrainingConfig, step: int
) -> NoisyBatch:
    """Replace the clean past of a teacher-forced step, from some frame on, by predictions.

    All frames are predicted at once from pure noise and the true past and replace it, so that the
    next prediction is exposed to sampling errors. Steps without teacher forcing, and those not
    selected at random, are returned unchanged. `predict` returns predicted clean frames, without
    a gradient.

    Source: Bengio et al., Scheduled Sampling, 2015, made parallel; Huang et al., Self Forcing,
    2025, for the aim.
    """
    dice = generator("self-rollout", config.seed, step)
    if not given.teacher or dice.random() >= config.self_rollout:
        return given
    half, frames = len(given.clean), given.clean.shape[1]
    device = given.clean.device
    noise = normal(tuple(given.clean.shape), "self-rollout", config.seed, step).to(device)
    pure = torch.cat([given.frames[:half], noise])
    levels = torch.cat([given.levels[:half], torch.ones(half, frames, device=device)])
    made = predict(replace(given, frames=pure, levels=levels)).clamp(-1, 1)
    first = torch.from_numpy(dice.integers(int(frames * _LATEST), frames, (half, 1)))
    own = (torch.arange(frames)[None] >= first)[..., None, None, None].to(device)
    past = torch.where(own, made, given.frames[:half])
    return replace(given, frames=torch.cat([past, given.frames[half:]]))
