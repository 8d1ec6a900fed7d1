"""Noise is drawn by its key, and the loss counts what it should."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from lvbench.reference.config import TrainingConfig
from lvbench.reference.training.batches import RECALLED, Batch, to_frames, to_pixels, training_batch
from lvbench.reference.training.objective import loss_of, mix, noised
from tests.reference.conftest import CONFIG

RECIPE = TrainingConfig(steps=10, batch=4, levels=(0, 1, 2, 3), memory=0.5)


def batch(step: int = 0) -> Batch:
    return training_batch(CONFIG, RECIPE, step)


def test_a_batch_is_a_function_of_seed_and_step() -> None:
    first, again, later = batch(), batch(), batch(1)
    assert torch.equal(first.frames, again.frames)
    assert not torch.equal(first.frames, later.frames)
    assert torch.equal(noised(first, RECIPE, 3).frames, noised(again, RECIPE, 3).frames)


def test_recalled_frames_come_first_and_do_not_count() -> None:
    found = [batch(step) for step in range(6)]
    counts = torch.cat([one.recalled.sum(1) for one in found])
    assert set(counts.tolist()) == {0, RECALLED}
    given = noised(found[0], RECIPE, 0)
    assert not bool((given.counted & found[0].recalled).any())


def test_under_a_teacher_the_first_half_is_nearly_clean() -> None:
    recipe = replace(RECIPE, teacher_forcing=1.0)
    given = noised(batch(), recipe, 0)
    assert given.teacher
    assert float(given.levels[:4].max()) <= recipe.history_noise
    assert float(given.levels[4:].max()) <= 1.0


def test_the_loss_is_zero_for_the_truth_and_counts_frames_that_count() -> None:
    given = noised(batch(), replace(RECIPE, teacher_forcing=0.0), 0)
    assert float(loss_of(given.clean, given)) == 0.0
    wrong = given.clean + (~given.counted)[..., None, None, None].float()
    assert float(loss_of(wrong, given)) == 0.0
    assert float(loss_of(given.clean + 1, given)) > 1.0


def test_mixing_goes_from_clean_to_noise() -> None:
    clean, noise = torch.zeros(1, 3, 3, 2, 2), torch.ones(1, 3, 3, 2, 2)
    mixed = mix(clean, noise, torch.tensor([[0.0, 0.25, 1.0]]))
    assert mixed[0, :, 0, 0, 0].tolist() == [0.0, 0.25, 1.0]


def test_pixels_and_frames_are_the_same_thing() -> None:
    frames = np.random.default_rng(0).integers(0, 256, (2, 3, 4, 4, 3), dtype=np.uint8)
    assert np.array_equal(to_frames(to_pixels(frames)), frames)
