"""Training task of the identity encoder: detect and identify characters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.world_training.loop import Lesson
from benchmarks.world_training.samples import LabelledFrames, kept
from benchmarks.world_training.spoil import spoiled
from lvbench.features.world.networks import CELL, GRID, FoundCells, IdentityNetwork, standardised
from lvbench.world.grammar import HUES, PATTERNS

_SEEN, _UNSURE = 0.2, 0.04  # visible shares from which a character counts; below which it is absent
_SPREAD = 0.7  # width in cells of the Gaussian around a character's centre


class Targets:
    """Targets of the grid for a batch.

    Attributes:
        heat: 1 in a character's cell, falling off around it, `(n, 12, 12)`.
        counts: 0 near a character too hidden to count, `(n, 12, 12)`.
        offset: From the cell's centre to the nearest character's, `(n, 2, 12, 12)`.
        who: Its identity number, `(n, 12, 12)`.
    """

    def __init__(self, batch: LabelledFrames) -> None:
        middles = (np.arange(GRID) + 0.5) * CELL - 0.5
        off = (batch.centres[:, :, None] - middles[None, None, :, None]) / CELL
        across, down = off[..., 0], off[..., 1]  # (n, 3, 12)
        far = across[:, :, None, :] ** 2 + down[:, :, :, None] ** 2
        seen = (batch.members >= 0) & (batch.visible >= _SEEN)
        vague = (batch.members >= 0) & (batch.visible >= _UNSURE) & ~seen
        bump = np.exp(-far / (2 * _SPREAD**2)) * seen[:, :, None, None]
        nearest = bump.argmax(axis=1)
        self.heat = bump.max(axis=1)
        cells = np.clip(np.floor((batch.centres + 0.5) / CELL), 0, GRID - 1).astype(int)
        rows, places = np.nonzero(seen)
        self.heat[rows, cells[rows, places, 1], cells[rows, places, 0]] = 1
        # Of two in the same cell, the one in front counts.
        for row, place in zip(rows[::-1], places[::-1], strict=True):
            nearest[row, cells[row, place, 1], cells[row, place, 0]] = place
        self.counts = ~((far < 4) & vague[:, :, None, None]).any(axis=1) | (self.heat > 0.3)
        index = nearest[:, None]
        wide = np.broadcast_to(across[:, :, None, :], far.shape)
        high = np.broadcast_to(down[:, :, :, None], far.shape)
        picked = [np.take_along_axis(part, index, 1) for part in (wide, high)]
        self.offset = np.concatenate(picked, axis=1)
        numbers = np.broadcast_to(batch.members[:, :, None, None], far.shape)
        self.who = np.take_along_axis(numbers, index, 1)[:, 0]


class IdentityLesson(Lesson):
    """Find the characters in corrupted frames.

    Args:
        folder: Cache folder of the drawn frames.
        count: Number of drawn frames.
        batch: Frames in a batch.
    """

    name = "world_identity"
    steps = 2000
    rate = 4e-3

    def __init__(self, folder: Path, count: int = 24_000, batch: int = 64) -> None:
        self._bank = kept(folder / f"moments-{count}.npz", seed=1, count=count)
        self._batch = batch

    def network(self) -> nn.Module:
        """Return the network with random weights."""
        return IdentityNetwork()

    def loss(self, network: Any, rng: np.random.Generator) -> tuple[Tensor, dict[str, float]]:
        """Return the loss of a random batch."""
        batch = self._bank.take(rng.integers(0, len(self._bank), self._batch))
        pictures = np.stack([spoiled(picture, rng) for picture in batch.pictures])
        mirrored = rng.random(len(batch)) < 0.5
        pictures[mirrored] = pictures[mirrored, :, ::-1]
        batch.centres[mirrored, :, 0] = GRID * CELL - 1 - batch.centres[mirrored, :, 0]
        found = network(standardised(torch.from_numpy(pictures)))
        parts = grid_losses(found, Targets(batch))
        total = torch.stack(list(parts.values())).sum()
        return total, {name: float(part.detach()) for name, part in parts.items()}


def grid_losses(found: FoundCells, wanted: Targets) -> dict[str, Tensor]:
    """Return the losses of presence (focal), place, shape, hue and pattern."""
    heat, counts = _tensor(wanted.heat), _tensor(wanted.counts)
    number = torch.from_numpy(wanted.who)
    here = heat == 1
    sure, unsure = functional.logsigmoid(found.present), functional.logsigmoid(-found.present)
    hit = -((1 - sure.exp()) ** 2) * sure * here
    miss = -((1 - heat) ** 4) * sure.exp() ** 2 * unsure * counts * ~here
    total = here.sum().clamp(min=1)
    near = heat * (heat > 0.4)
    weight = near / near.sum().clamp(min=1)
    row = number.clamp(min=0) // len(PATTERNS)
    labels = {"shape": row // len(HUES), "hue": row % len(HUES)}
    labels["pattern"] = number.clamp(min=0) % len(PATTERNS)
    losses = {
        name: (
            functional.cross_entropy(getattr(found, name), label, reduction="none") * weight
        ).sum()
        for name, label in labels.items()
    }
    apart = (found.offset - _tensor(wanted.offset)).abs().sum(dim=1)
    return {"present": (hit + miss).sum() / total, "offset": 0.3 * (apart * weight).sum()} | losses


def _tensor(array: NDArray[Any]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(array, np.float32))
