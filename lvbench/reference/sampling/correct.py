"""Correction of colour drift: pull the mean colour back to that of the shot's start."""

from __future__ import annotations

import torch
from torch import Tensor

from lvbench.reference.network.embedding import Prompts

_LIGHT, _YOUTH = slice(2, 5), 5  # of a prompt's numbers


class ColourCorrection:
    """Move mean colours to those of the shot's first second, under the ordered light.

    Fast changes, such as those by a camera move, are kept: the correction applies to a mean over
    two seconds, not to single frames.

    Args:
        fps: Frames per second.
    """

    def __init__(self, fps: float) -> None:
        self._first = round(fps)
        self._decay = 1 - 1 / (2 * fps)
        self._seen: Tensor | None = None
        self._anchor: Tensor | None = None
        self._mean: Tensor | None = None

    def __call__(self, frame: Tensor, prompts: Prompts) -> Tensor:
        """Return the offset to add to a frame, `(batch, 3, 1, 1)`; call it for every frame."""
        gain = 0.8 + prompts.numbers[:, 0, _LIGHT] / 2
        lit = (frame + 1).mean(dim=(2, 3)) / gain.clamp(min=0.1)
        begins = shot_begins(prompts)[:, 0]
        if self._seen is None or self._anchor is None or self._mean is None:
            self._seen, self._anchor, self._mean = torch.zeros_like(lit[:, 0]), lit, lit
        self._seen = torch.where(begins, 0.0, self._seen + 1)
        young = (self._seen < self._first)[:, None]
        fresh = begins[:, None]
        share = 1 / (self._seen[:, None] + 1)
        self._anchor = torch.where(
            fresh,
            lit,
            torch.where(young, self._anchor + share * (lit - self._anchor), self._anchor),
        )
        follow = self._decay * self._mean + (1 - self._decay) * lit
        self._mean = torch.where(young, self._anchor, follow)
        offset = (self._anchor - self._mean) * gain
        return offset[..., None, None]


def shot_begins(prompts: Prompts) -> Tensor:
    """Return which frames are the first of their shot, bool `(batch, T)`."""
    return prompts.numbers[..., _YOUTH] > 0.99
