"""What is learnt of guidance: the teacher's two answers made one, the truth where none is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from lvbench.errors import ConfigError
from lvbench.reference.checkpoint import STATE
from lvbench.reference.config import Preset, TrainingConfig, preset
from lvbench.reference.training.batches import training_batch
from lvbench.reference.training.distil import toward_guided
from lvbench.reference.training.objective import Noised, noised
from lvbench.reference.training.trainer import TEACHER, Trainer
from lvbench.reference.weights import WEIGHTS
from tests.reference.conftest import CONFIG

RECIPE = TrainingConfig(steps=10, batch=8, levels=(0,), drop_prompt=0.5)


def answer(given: Noised) -> Tensor:
    """Return 0.5 where a prompt is told, 0.25 where none is."""
    told = (given.prompts.scene[-len(given.clean) :] >= 0).any(1)
    return torch.where(told, 0.5, 0.25)[:, None, None, None, None].expand_as(given.clean)


@pytest.mark.parametrize("teacher_forcing", [0.0, 1.0])
@pytest.mark.parametrize(("scale", "wanted"), [(1.0, 0.5), (2.0, 0.75), (9.0, 1.0)])
def test_prompted_clips_learn_the_guided_answer_and_others_the_truth(
    teacher_forcing: float, scale: float, wanted: float
) -> None:
    recipe = replace(RECIPE, teacher_forcing=teacher_forcing)
    given = noised(training_batch(CONFIG, recipe, 0), recipe, 0)
    found = toward_guided(answer, given, scale)
    withheld = (given.prompts.scene[: len(given.clean)] < 0).all(1)
    assert 0 < int(withheld.sum()) < len(withheld)
    assert torch.equal(found.clean[withheld], given.clean[withheld])
    assert torch.allclose(found.clean[~withheld], torch.tensor(wanted))
    assert torch.equal(found.frames, given.frames)


def small(**changes: object) -> Preset:
    return Preset(CONFIG, replace(preset("nano").training, batch=2, steps=6, decay=2, **changes))


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
    with pytest.raises(ConfigError, match="never trained"):
        Trainer(small(distil=2.0), tmp_path)
