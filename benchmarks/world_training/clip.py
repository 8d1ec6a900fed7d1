"""Training task of the image-text encoder: match frames and prompts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.world_training.loop import Lesson
from benchmarks.world_training.samples import LabelledFrames, kept
from benchmarks.world_training.spoil import spoiled
from lvbench.features.world.networks import ClipNetwork, standardised
from lvbench.features.world.world_view import member_words
from lvbench.world.grammar import HUES, IDENTITIES, PATTERNS, SHAPES, Character

_SEEN = 0.2  # visible share of a character from which it counts as visible


class ClipLesson(Lesson):
    """Distinguish a frame's prompt from those of the other frames of the batch.

    Args:
        folder: Cache folder of the drawn frames.
        count: Number of drawn frames.
        batch: Frames in a batch.
    """

    name = "world_clip"
    steps = 1200
    rate = 3e-3

    def __init__(self, folder: Path, count: int = 24_000, batch: int = 96) -> None:
        self._bank = kept(folder / f"moments-{count}.npz", seed=1, count=count)
        self._batch = batch
        # The last row is for no member.
        rows = [member_words(Character.of(number)) for number in range(IDENTITIES)]
        self._words = torch.from_numpy(np.stack([*rows, np.zeros_like(rows[0])]))

    def network(self) -> nn.Module:
        """Return the network with random weights."""
        return ClipNetwork()

    def loss(self, network: Any, rng: np.random.Generator) -> tuple[Tensor, dict[str, float]]:
        """Return the loss of a random batch."""
        batch = self._bank.take(rng.integers(0, len(self._bank), self._batch))
        pictures = np.stack([spoiled(picture, rng) for picture in batch.pictures])
        read = network(standardised(torch.from_numpy(pictures)))
        scene, members = torch.from_numpy(batch.scene), torch.from_numpy(batch.members)
        texts = network.encode_text(scene, self._words[members])
        scores = network.sharpness.exp() * (read.image @ texts.T)
        own = torch.arange(len(batch))
        # An identical text in the batch is not a negative.
        alike = (texts @ texts.T > 1 - 1e-5) & ~torch.eye(len(batch), dtype=torch.bool)
        scores = scores.masked_fill(alike, -1e4)
        shapes, hues = _seen(batch)
        parts = {
            "pair": functional.cross_entropy(scores, own) + functional.cross_entropy(scores.T, own),
            "apart": 1 - (read.image * texts).sum(dim=1).mean(),
            "scene": functional.cross_entropy(read.scene, scene),
            "shapes": functional.binary_cross_entropy_with_logits(read.shapes, shapes),
            "hues": functional.binary_cross_entropy_with_logits(read.hues, hues),
        }
        total = torch.stack(list(parts.values())).sum()
        return total, {name: float(part.detach()) for name, part in parts.items()}


def _seen(batch: LabelledFrames) -> tuple[Tensor, Tensor]:
    """Return which shapes `(n, 5)` and hues `(n, 8)` are visible."""
    seen = (batch.members >= 0) & (batch.visible >= _SEEN)
    rows = np.where(seen, batch.members, 0) // len(PATTERNS)
    found = []
    for index, kinds in ((rows // len(HUES), len(SHAPES)), (rows % len(HUES), len(HUES))):
        hot = np.eye(kinds, dtype=np.float32)[index] * seen[..., None]
        found.append(torch.from_numpy(hot.max(axis=1)))
    return found[0], found[1]
