"""Memory beyond the window: the clip's first frames, and earlier views of a place."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from lvbench.reference.network.embedding import Prompts
from lvbench.reference.sampling.switches import Switches

_PLACES = 9  # distinct camera positions within a shot
_REACH = 0.8  # largest distance of the camera from home, in view widths


@dataclass(frozen=True, slots=True)
class Anchors:
    """Frames to attend to in addition to the window.

    Attributes:
        key: Identifies the frames: equal keys, equal frames.
        frames: `(batch, n, 3, size, size)`.
        prompts: Their prompts.
    """

    key: tuple[int, ...]
    frames: Tensor
    prompts: Prompts


class Recall:
    """Select frames to attend to in addition to the window, from a bounded memory.

    Clips of a batch may have different shots at the same time, so each clip has its own places.
    """

    def __init__(self, switches: Switches) -> None:
        self._sink, self._memory = switches.sink, switches.memory
        self._first: list[tuple[int, Tensor, Prompts]] = []
        self._views: list[dict[int, list[tuple[int, Tensor, Prompts]]]] = []

    def keep(self, number: int, frame: Tensor, prompts: Prompts) -> None:
        """Add a finished frame, `(batch, 3, size, size)`, and its prompt."""
        if len(self._first) < self._sink:
            self._first.append((number, frame, prompts))
        if not self._memory:
            return
        self._views = self._views or [{} for _ in range(len(frame))]
        for clip, views in enumerate(self._views):
            if number and _begins(prompts, clip):
                views.clear()
            kept = views.setdefault(_place(prompts, clip), [])
            if len(kept) < self._memory:
                kept.append((number, frame[clip], prompts[clip : clip + 1]))

    def anchors(self, before: int, prompts: Prompts) -> Anchors | None:
        """Return the anchor frames for a window whose first frame is `before`.

        Args:
            before: First frame of the window.
            prompts: Prompt of the next frame, one frame of each clip.
        """
        if not self._memory:
            chosen = [entry for entry in self._first if entry[0] < before]
            if not chosen:
                return None
            frames = torch.stack([frame for _, frame, _ in chosen], 1)
            joined = Prompts.joined([said for _, _, said in chosen], 1)
            return Anchors(tuple(number for number, _, _ in chosen), frames, joined)
        rows = [self._of(clip, before, prompts) for clip in range(len(self._views))]
        if not rows or any(len(row) < self._memory for row in rows):
            return None
        return Anchors(
            tuple(number for row in rows for number, _, _ in row),
            torch.stack([torch.stack([frame for _, frame, _ in row]) for row in rows]),
            Prompts.joined([Prompts.joined([said for _, _, said in row], 1) for row in rows], 0),
        )

    def _of(self, clip: int, before: int, prompts: Prompts) -> list[tuple[int, Tensor, Prompts]]:
        """Return the kept frames of the place nearest to the camera position."""
        views = self._views[clip]
        usable = {
            place: [entry for entry in kept if entry[0] < before] for place, kept in views.items()
        }
        full = {place: kept for place, kept in usable.items() if len(kept) == self._memory}
        here = _place(prompts, clip)
        return full[min(full, key=lambda place: abs(place - here))] if full else []


def _place(prompts: Prompts, clip: int) -> int:
    position = float(prompts.numbers[clip, 0, 0])
    return round((position / _REACH + 1) / 2 * (_PLACES - 1))


def _begins(prompts: Prompts, clip: int) -> bool:
    """Return whether a shot begins with this frame: the decaying age feature is at its maximum."""
    return float(prompts.numbers[clip, 0, 5]) > 0.99
