"""Advection: each pixel may be taken from the frame before, from where it was a moment ago."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import pad


def places(reach: int) -> int:
    """Return how many places a pixel may come from."""
    return (2 * reach + 1) ** 2


def advected(before: Tensor, logits: Tensor, reach: int) -> Tensor:
    """Return the frame before, its pixels moved as `logits` say, and as much of it as they say.

    The weights of a pixel's places and of nothing at all (logit 0) sum to one, so that what is new
    need not be told from what is old by a subtraction.

    Args:
        before: `(batch, T, 3, h, w)`.
        logits: `(batch, T, places, h, w)`; the places of a pixel, row by row.
        reach: Pixels that something may have moved, in height and in width.

    Returns:
        `(batch, T, 3, h, w)`, float32.

    Source: Finn, Goodfellow and Levine, Unsupervised Learning for Physical Interaction, 2016,
    dynamic neural advection.
    """
    nothing = torch.zeros_like(logits[:, :, :1])
    weights = torch.cat([logits, nothing], 2).float().softmax(2)[:, :, :-1]
    height, width = before.shape[-2:]
    edges = (reach, reach, reach, reach)
    wide = pad(before.float().flatten(0, 1), edges, mode="replicate").unflatten(0, before.shape[:2])
    found = torch.zeros_like(before, dtype=torch.float32)
    for place in range(places(reach)):
        row, column = divmod(place, 2 * reach + 1)
        found = found + weights[:, :, place, None] * wide[
            ..., row : row + height, column : column + width
        ]  # fmt: skip
    return found
