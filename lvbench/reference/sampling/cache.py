"""Key-value cache: a sliding window, preceded by fixed anchor frames."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from lvbench.reference.network.attention import rotate, rotations
from lvbench.reference.network.loop_net import Past


class Cache:
    """Keys and values by block, of bounded size.

    Args:
        tokens: Tokens of a frame.
    """

    def __init__(self, tokens: int) -> None:
        self._tokens = tokens
        self._recent: list[Past] = []
        self._anchors: list[Past] = []
        self.recent = 0
        self.anchors = 0

    @property
    def frames(self) -> int:
        """Return the number of cached frames."""
        return self.recent + self.anchors

    def append(self, kept: Sequence[Past], frames: int, most: int) -> None:
        """Append the first `frames` of a pass and keep the last `most` frames."""
        new = [self._part(past, slice(0, frames)) for past in kept]
        if self._recent:
            new = [_joined(old, past) for old, past in zip(self._recent, new, strict=True)]
        count = self.recent + frames
        drop = max(0, count - most)
        self._recent = [self._part(past, slice(drop, count)) for past in new]
        self.recent = count - drop

    def anchor(self, kept: Sequence[Past], frames: int) -> None:
        """Set the anchor frames, encoded at times from 0 on, which stay visible permanently."""
        self._anchors, self.anchors = list(kept), frames

    def forget(self, keep: int = 0) -> None:
        """Drop all but the last `keep` frames of the window."""
        drop = max(0, self.recent - keep)
        self._recent = [self._part(past, slice(drop, self.recent)) for past in self._recent]
        self.recent -= drop
        if not self.recent:
            self._recent = []

    def past(self, first: int) -> list[Past] | None:
        """Return the past of a pass whose first frame has the time `first`.

        Anchors are placed directly before the window, as in training: their keys are rotated to
        that time.

        Source: LongLive and Deep Forcing, 2025, on sinks whose phase is aligned again.
        """
        if not self.anchors:
            return self._recent or None
        shift = torch.tensor(
            [first - self.recent - self.anchors], device=self._anchors[0][0].device
        )
        turn = rotations(shift, self._anchors[0][0].shape[-1])
        turned = [(rotate(keys, turn), values) for keys, values in self._anchors]
        if not self._recent:
            return turned
        return [_joined(anchor, past) for anchor, past in zip(turned, self._recent, strict=True)]

    def _part(self, past: Past, frames: slice) -> Past:
        cut = slice(frames.start * self._tokens, frames.stop * self._tokens)
        return past[0][:, :, cut], past[1][:, :, cut]


def _joined(first: Past, second: Past) -> Past:
    return torch.cat([first[0], second[0]], 2), torch.cat([first[1], second[1]], 2)
