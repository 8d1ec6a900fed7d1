"""Does a clip of the world still show what it showed in its first segment?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from lvbench.features.base import Features
from lvbench.metrics.base import VideoContext, not_applicable
from lvbench.metrics.common.column import Column
from lvbench.metrics.common.similarity import SegmentVectors
from lvbench.metrics.common.world_info import of_world
from lvbench.metrics.common.world_order import Order, why_no_order
from lvbench.metrics.semantics.clip_consistency import ClipConsistency
from lvbench.results.schema import ItemScore

BASELINE = 0.39
"""Median similarity of unrelated clips; see the card."""
SHOWN = 0.6
"""Cosine with its prompt below which a clip does not begin with what is ordered."""

_BEGINNING = 2.0  # seconds


@dataclass
class _Vectors(SegmentVectors):
    """Segment vectors, and how near the first frames are to the first prompt."""

    begun: Column = field(default_factory=Column)


class WorldClipConsistency(ClipConsistency):
    """Compare every segment's mean embedding with the first, the previous and all others.

    Args:
        baseline: Median similarity of unrelated clips of the world.
    """

    info = of_world(ClipConsistency.info, "world_clip_consistency", ("world_clip",))

    def __init__(self, baseline: float = BASELINE) -> None:
        self.baseline = baseline

    def new_state(self, video: VideoContext) -> SegmentVectors:
        """Return the empty state."""
        return _Vectors(video)

    def update(self, state: SegmentVectors, features: Mapping[str, Features]) -> None:
        """Add the frames' embeddings to their segments'."""
        assert isinstance(state, _Vectors)
        super().update(state, features)
        found = features[self.needs[0]]
        if "text_similarity" in found.values:
            state.begun.extend(found["text_similarity"][found.t < _BEGINNING, 0])

    def item(self, state: SegmentVectors) -> ItemScore:
        """Return the mean of the similarities to the previous and to all other segments.

        Nothing where the scene is to change, and where the clip does not begin with what is
        ordered: noise resembles itself throughout.
        """
        assert isinstance(state, _Vectors)
        order = Order.of(state.video)
        if order is None:
            return why_no_order(len(state.directions()[0]), state.video)
        if len({shot.scene for shot in order.shots}) > 1:
            return not_applicable("ordered_change", "the prompts order several scenes")
        begun = float(np.median(state.begun.values()))
        if begun < SHOWN:
            return not_applicable(
                "not_shown",
                f"the first {_BEGINNING:g} s have a cosine of {begun:.2f} with their "
                f"prompt, less than {SHOWN:g}: what is not there cannot stay",
            )
        return super().item(state)
