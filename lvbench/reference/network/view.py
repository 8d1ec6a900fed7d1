"""Attention patterns of training and sampling passes: which frames attend to which."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from lvbench.reference.network.attention import QueryGroup

_GROUP = 4  # frames; larger groups waste products on masked tokens, smaller ones need more calls


@dataclass(frozen=True, slots=True)
class AttentionView:
    """Times of the frames of a pass, and what each attends to.

    Attributes:
        times: `(T,)`, time of each frame of the pass, in frames; only differences matter.
        groups: Groups of queries with their keys.
        teacher: The same for the noisy half of a teacher-forced pass, whose past is the clean
            half; otherwise empty.
    """

    times: Tensor
    groups: tuple[QueryGroup, ...]
    teacher: tuple[QueryGroup, ...] = ()


@lru_cache(maxsize=16)
def training_view(frames: int, tokens: int, teacher: bool) -> AttentionView:
    """Return the view of a window in which each frame attends to itself and all before it.

    Args:
        frames: Frames of the window.
        tokens: Tokens of a frame.
        teacher: Whether the batch contains clean frames, then noisy ones: a noisy frame attends
            to itself and to the clean frames before it.
    """
    times = torch.arange(frames)
    plain, forced = [], []
    for first in range(0, frames, _GROUP):
        last = min(first + _GROUP, frames)
        queries = slice(first * tokens, last * tokens)
        upto = slice(0, last * tokens)
        mine = times[first:last, None]
        before = times[None, :last]
        plain.append(QueryGroup(queries, slice(0, 0), upto, _bias(before <= mine, tokens)))
        both = torch.cat([before < mine, times[None, first:last] == mine], dim=1)
        forced.append(QueryGroup(queries, upto, queries, _bias(both, tokens)))
    return AttentionView(times, tuple(plain), tuple(forced) if teacher else ())


def sampling_view(first: int, frames: int, past: int, tokens: int) -> AttentionView:
    """Return the view of a pass over frames that attend to a past and to frames before them.

    Args:
        first: Time of the first frame.
        frames: Frames of the pass.
        past: Frames of the past.
        tokens: Tokens of a frame.
    """
    return AttentionView(first + torch.arange(frames), (_sampling_group(frames, past, tokens),))


@lru_cache(maxsize=256)
def _sampling_group(frames: int, past: int, tokens: int) -> QueryGroup:
    everything = slice(0, frames * tokens)
    times = torch.arange(past + frames)
    bias = None if frames == 1 else _bias(times[None, :] <= times[past:, None], tokens)
    return QueryGroup(everything, slice(0, past * tokens), everything, bias)


def _bias(seen: Tensor, tokens: int) -> Tensor:
    """Return the attention bias `(T * tokens, S * tokens)` for the visibility bool `(T, S)`."""
    bias = torch.zeros(seen.shape).masked_fill(~seen, -math.inf)
    return bias.repeat_interleave(tokens, 0).repeat_interleave(tokens, 1)
