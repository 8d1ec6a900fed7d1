"""Validation on held-out clips, without sampling."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from lvbench.reference.config import NetworkConfig, TrainingConfig
from lvbench.reference.keyed import generator, normal
from lvbench.reference.network.embedding import Prompts
from lvbench.reference.network.loop_net import LoopNet
from lvbench.reference.training.batches import Batch, collate
from lvbench.reference.training.objective import NoisyBatch, add_noise, predicted, training_loss
from lvbench.world.condition import conditions
from lvbench.world.draw import draw_shots, test_seed
from lvbench.world.world import World

CLIPS = 16  # of each level
_BATCH = 8
_SECONDS = 64.0
_FIRST_SEED = 500_000  # of the test seeds; protocols take others


def validation(network: LoopNet, levels: Sequence[int], dtype: str = "float32") -> dict[str, float]:
    """Return the loss on held-out clips and, by level, the error of the next frame.

    Returns:
        `validation_loss`, and for each level `next_frame_<level>`: the mean squared error of the
        next frame, from pure noise and a clean past of at least half a window, over that of the
        last frame copied.
    """
    found: dict[str, float] = {}
    losses = []
    half = dtype == "bfloat16"
    device = network.place.device
    with torch.inference_mode(), torch.autocast(device.type, dtype=torch.bfloat16, enabled=half):
        for level in levels:
            errors = np.zeros(2)
            for number in range(CLIPS // _BATCH):
                batch = held_out(network.config, level, number)
                recipe = TrainingConfig(steps=0, teacher_forcing=1.0, drop_prompt=0.0)
                given = add_noise(batch, recipe, number).to(device)
                losses.append(float(training_loss(predicted(network, given), given)))
                errors += _next_frame(network, batch, number)
            found[f"next_frame_{level}"] = float(errors[0] / errors[1])
    return {"validation_loss": float(np.mean(losses)), **found}


def _next_frame(network: LoopNet, batch: Batch, number: int) -> np.ndarray:
    """Return the errors of the prediction and of a copy, summed over frames with a long past."""
    clean = batch.frames
    noise = normal(tuple(clean.shape), "validation", number)
    still = torch.zeros(clean.shape[:2])
    given = NoisyBatch(
        torch.cat([clean, noise]),
        torch.cat([still, torch.ones_like(still)]),
        Prompts.joined([batch.prompts, batch.prompts], 0),
        batch.recalled.repeat(2, 1),
        clean,
        ~batch.recalled,
        True,
    )
    made = predicted(network, given.to(network.place.device)).clamp(-1, 1).cpu()
    first = clean.shape[1] // 2
    truth, before = clean[:, first:], clean[:, first - 1 : -1]
    return np.array([_error(made[:, first:], truth), _error(before, truth)])


def _error(a: Tensor, b: Tensor) -> float:
    return float((a - b).double().square().sum())


@lru_cache(maxsize=16)
def held_out(network: NetworkConfig, level: int, number: int) -> Batch:
    """Return a batch of windows of test seeds, the same for every network of that size."""
    clips = []
    for place in range(_BATCH):
        seed = test_seed(_FIRST_SEED + 1000 * level + _BATCH * number + place)
        world = World(draw_shots(level, seed, _SECONDS), seed, fps=network.fps, level=level)
        last = round(_SECONDS * network.fps) - network.window
        start = int(generator("held out", level, number, place).integers(0, last))
        stop = start + network.window
        frames = world.render(start, stop, network.size, network.size)
        clips.append((frames, conditions(world, start, stop), np.zeros(network.window, bool)))
    return collate(clips)
