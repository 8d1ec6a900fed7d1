"""The preceding frame of each frame of a pass, from which pixels may be copied."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Previous:
    """The preceding frame of each frame of a pass.

    Attributes:
        frames: `(batch, T, 3, size, size)`, with their noise; 0 where there is none.
        levels: Their noise levels, `(batch, T)`; 1 where there is none.
    """

    frames: Tensor
    levels: Tensor

    @staticmethod
    def none(like: Tensor) -> Previous:
        """Return an instance in which no frame of `like` has a predecessor."""
        return Previous(torch.zeros_like(like), like.new_ones(like.shape[:2]))

    def doubled(self) -> Previous:
        """Return it repeated for a batch that contains everything twice."""
        return Previous(self.frames.repeat(2, 1, 1, 1, 1), self.levels.repeat(2, 1))

    def without(self, missing: Tensor) -> Previous:
        """Return it with the predecessors of some frames, bool `(batch, T)`, removed."""
        frames = self.frames.masked_fill(missing[..., None, None, None], 0.0)
        return Previous(frames, self.levels.masked_fill(missing, 1.0))


def shifted(
    frames: Tensor, levels: Tensor, first: Tensor | None = None, level: float = 0.0
) -> Previous:
    """Return the frame before each of consecutive ones.

    Args:
        frames: `(batch, T, 3, size, size)`.
        levels: Their noise levels, `(batch, T)`.
        first: The frame before the first, `(batch, 3, size, size)`; None if there is none.
        level: Its noise level.
    """
    lead = torch.zeros_like(frames[:, :1]) if first is None else first[:, None]
    begun = torch.full_like(levels[:, :1], 1.0 if first is None else level)
    return Previous(torch.cat([lead, frames[:, :-1]], 1), torch.cat([begun, levels[:, :-1]], 1))
