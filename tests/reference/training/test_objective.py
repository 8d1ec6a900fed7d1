"""Noise is drawn by its key, and the loss counts what it should."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from lvbench.errors import ConfigError
from lvbench.reference.checkpoint import STATE
from lvbench.reference.config import ModelPreset, TrainingConfig, preset
from lvbench.reference.training.batches import RECALLED, Batch, to_frames, to_pixels, training_batch
from lvbench.reference.training.objective import (
    NoisyBatch,
    add_noise,
    guided_target,
    mix,
    training_loss,
)
from lvbench.reference.training.trainer import TEACHER, Trainer
from lvbench.reference.weights import WEIGHTS
from tests.reference.conftest import CONFIG

RECIPE = TrainingConfig(steps=10, batch=4, levels=(0, 1, 2, 3), memory=0.5)


def batch(step: int = 0) -> Batch:
    return training_batch(CONFIG, RECIPE, step)


def test_a_batch_is_a_function_of_seed_and_step() -> None:
    first, again, later = batch(), batch(), batch(1)
    assert torch.equal(first.frames, again.frames)
    assert not torch.equal(first.frames, later.frames)
    assert torch.equal(add_noise(first, RECIPE, 3).frames, add_noise(again, RECIPE, 3).frames)


def test_recalled_frames_come_first_and_do_not_count() -> None:
    found = [batch(step) for step in range(6)]
    counts = torch.cat([one.recalled.sum(1) for one in found])
    assert set(counts.tolist()) == {0, RECALLED}
    given = add_noise(found[0], RECIPE, 0)
    assert not bool((given.counted & found[0].recalled).any())


def test_under_a_teacher_the_first_half_is_nearly_clean() -> None:
    recipe = replace(RECIPE, teacher_forcing=1.0)
    given = add_noise(batch(), recipe, 0)
    assert given.teacher
    assert float(given.levels[:4].max()) <= recipe.history_noise
    assert float(given.levels[4:].max()) <= 1.0


def test_the_loss_is_zero_for_the_truth_and_counts_frames_that_count() -> None:
    given = add_noise(batch(), replace(RECIPE, teacher_forcing=0.0), 0)
    assert float(training_loss(given.clean, given)) == 0.0
    wrong = given.clean + (~given.counted)[..., None, None, None].float()
    assert float(training_loss(wrong, given)) == 0.0
    assert float(training_loss(given.clean + 1, given)) > 1.0


def test_mixing_goes_from_clean_to_noise() -> None:
    clean, noise = torch.zeros(1, 3, 3, 2, 2), torch.ones(1, 3, 3, 2, 2)
    mixed = mix(clean, noise, torch.tensor([[0.0, 0.25, 1.0]]))
    assert mixed[0, :, 0, 0, 0].tolist() == [0.0, 0.25, 1.0]


def test_pixels_and_frames_are_the_same_thing() -> None:
    frames = np.random.default_rng(0).integers(0, 256, (2, 3, 4, 4, 3), dtype=np.uint8)
    assert np.array_equal(to_frames(to_pixels(frames)), frames)


GUIDED = TrainingConfig(steps=10, batch=8, levels=(0,), drop_prompt=0.5)


def answer(given: NoisyBatch) -> Tensor:
    """Return 0.5 where a prompt is told, 0.25 where none is."""
    told = (given.prompts.scene[-len(given.clean) :] >= 0).any(1)
    return torch.where(told, 0.5, 0.25)[:, None, None, None, None].expand_as(given.clean)


@pytest.mark.parametrize("teacher_forcing", [0.0, 1.0])
@pytest.mark.parametrize(("scale", "wanted"), [(1.0, 0.5), (2.0, 0.75), (9.0, 1.0)])
def test_prompted_clips_learn_the_guided_answer_and_others_the_truth(
    teacher_forcing: float, scale: float, wanted: float
) -> None:
    recipe = replace(GUIDED, teacher_forcing=teacher_forcing)
    given = add_noise(training_batch(CONFIG, recipe, 0), recipe, 0)
    found = guided_target(answer, given, scale)
    withheld = (given.prompts.scene[: len(given.clean)] < 0).all(1)
    assert 0 < int(withheld.sum()) < len(withheld)
    assert torch.equal(found.clean[withheld], given.clean[withheld])
    assert torch.allclose(found.clean[~withheld], torch.tensor(wanted))
    assert torch.equal(found.frames, given.frames)


def small(**changes: object) -> ModelPreset:
    return ModelPreset(
        CONFIG, replace(preset("nano").training, batch=2, steps=6, decay=2, **changes)
    )


def test_the_teacher_is_frozen_and_resumed_bit_for_bit(tmp_path: Path) -> None:
    Trainer(small(), tmp_path / "first").run()
    begun = tmp_path / "first" / WEIGHTS
    recipe = small(distil=2.0)
    for name, stops in (("straight", (6,)), ("resumed", (3, 6))):
        for stop in stops:
            Trainer(recipe, tmp_path / name, begun).run(stop, every=3, keep=3)
    straight, resumed = tmp_path / "straight", tmp_path / "resumed"
    for name in (STATE, TEACHER):
        assert (straight / name).read_bytes() == (resumed / name).read_bytes()
    assert (straight / STATE).read_bytes() != (tmp_path / "first" / STATE).read_bytes()


def test_a_run_may_begin_to_distil_on_the_way(tmp_path: Path) -> None:
    Trainer(small(), tmp_path).run(3)
    before = (tmp_path / WEIGHTS).read_bytes()
    Trainer(small(distil=2.0), tmp_path).run()
    assert (tmp_path / TEACHER).read_bytes() == before


def test_weights_that_were_never_trained_teach_nothing(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="untrained weights"):
        Trainer(small(distil=2.0), tmp_path)
