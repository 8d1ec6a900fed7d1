"""Which frames see which: the shapes of a training pass and of a sampling pass."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from lvbench.reference.network.attention import QueryGroup

_GROUP = 4  # frames; larger groups compare more tokens in vain, smaller ones make more calls


@dataclass(frozen=True, slots=True)
class AttentionView:
    """Say where the frames of a pass stand in time and what each may see.

    Attributes:
        times: `(T,)`, time of each frame of the pass, in frames; only differences count.
        groups: Who sees what.
        teacher: The same for the noisy half of a teacher-forced pass, whose past is the clean
            half; empty elsewhere.
    """

    times: Tensor
    groups: tuple[QueryGroup, ...]
    teacher: tuple[QueryGroup, ...] = ()


@lru_cache(maxsize=16)
def training_view(frames: int, tokens: int, teacher: bool) -> AttentionView:
    """Return the view of a window from its beginning: each frame sees itself and all before it.

    Args:
        frames: Frames of the window.
        tokens: Tokens of a frame.
        teacher: The batch holds clean frames, then noisy ones: a noisy frame sees itself and the
            clean ones before it.
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
    """Return the view of a pass over frames that all see a past, and those before them.

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
    """Return what is added to scores, `(T * tokens, S * tokens)`, for bool `(T, S)`."""
    bias = torch.zeros(seen.shape).masked_fill(~seen, -math.inf)
    return bias.repeat_interleave(tokens, 0).repeat_interleave(tokens, 1)
