"""Clips are kept out of training, or in, by the words of their prompts."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from lvbench.errors import ConfigError, UsageError
from lvbench.reference.config import TrainingConfig
from lvbench.reference.training.batches import allowed, training_batch
from lvbench.world.draw import draw_shots, train_seed
from lvbench.world.grammar import SCENES, SHAPES
from tests.reference.conftest import CONFIG

RECIPE = TrainingConfig(steps=1, batch=16, levels=(0,), memory=0.0, drop_prompt=0.0)
RING, SNOW = SHAPES.index("ring"), SCENES.index("snow")


def shown(**words: tuple[str, ...]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return, clip by clip, whether a batch's prompts name a ring, and snow."""
    prompts = training_batch(CONFIG, replace(RECIPE, **words), 0).prompts
    return (prompts.cast[..., 0] == RING).any((1, 2)), (prompts.scene == SNOW).any(1)


def test_words_keep_clips_out_or_in() -> None:
    ring, snow = shown()
    assert 0 < int((ring | snow).sum()) < len(ring)
    ring, snow = shown(without=("ring", "snow"))
    assert not bool((ring | snow).any())
    ring, snow = shown(only=("ring", "snow"))
    assert bool((ring | snow).all())
    ring, snow = shown(only=("ring",), without=("snow",))
    assert bool((ring & ~snow).all())


def test_a_word_counts_in_every_shot() -> None:
    shots = draw_shots(3, train_seed(1), 64.0)
    assert len({shot.scene for shot in shots}) > 1
    for shot in shots:
        assert not allowed(shots, (shot.scene,), ())
        assert allowed(shots, (), (shot.scene, shot.cast[0].hue))


def test_words_that_no_clip_can_have_are_refused() -> None:
    with pytest.raises(UsageError, match="no scene, shape, hue or pattern 'moon'"):
        replace(RECIPE, without=("moon",))
    with pytest.raises(ConfigError, match="none of 1000 clips of level 0"):
        training_batch(CONFIG, replace(RECIPE, only=("striped",)), 0)  # level 0 has no patterns
