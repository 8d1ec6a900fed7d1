"""Training on one's own past: what was predicted stands where the truth stood."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from lvbench.reference.config import TrainingConfig
from lvbench.reference.keyed import generator, normal
from lvbench.reference.training.objective import Noised

_LATEST = 0.5  # share of frames, counted from the end of a clip, whose past is predicted, at most


def with_own_past(
    predict: Callable[[Noised], Tensor], given: Noised, config: TrainingConfig, step: int
) -> Noised:
    """Return a teacher-forced step whose clean past is, from some frame on, the model's own.

    All frames are predicted at once from pure noise and the true past, and stand in its place:
    the next prediction then meets the errors that sampling will make. Steps without a teacher,
    and those that the dice spare, come back unchanged. `predict` returns what the network takes
    for a step's clean frames, without a gradient.

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
