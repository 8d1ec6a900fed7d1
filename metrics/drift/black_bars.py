"""How much of the picture is a black border?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext, not_applicable
from lvbench.results.schema import ItemScore

_SIDES = ("top", "bottom", "left", "right")


@dataclass
class Borders:
    """The borders of one video's frames."""

    rows: list[NDArray[np.float64]] = field(default_factory=list)


class BlackBars(Metric[Borders]):
    """Measure borders that are black throughout the video.

    Args:
        share: Share of the frames that may show something in a bar (a logo, a subtitle).
        smallest: Bars narrower than this share of the side are none.
    """

    info = MetricInfo(
        name="black_bars",
        version=1,
        headline=ScoreInfo("Black bar fraction", "", False),
        components={
            side: ScoreInfo(f"Black bar fraction, {side}", "", False, range=(0.0, 1.0))
            for side in _SIDES
        },
        needs=("frame_survey",),
        range=(0.0, 1.0),
        group="over time",
        cites=("lvbench",),
    )

    def __init__(self, share: float = 0.05, smallest: float = 0.01) -> None:
        self.share, self.smallest = share, smallest

    def new_state(self, video: VideoContext) -> Borders:
        """Return the empty state."""
        return Borders()

    def update(self, state: Borders, features: Mapping[str, Features]) -> None:
        """Keep four numbers a frame."""
        state.rows.append(features["frame_survey"]["borders"])

    def item(self, state: Borders) -> ItemScore:
        """Return the share of the picture's area, and each bar's share of its side."""
        rows = np.concatenate(state.rows) if state.rows else np.empty((0, 4))
        if len(rows) < 2:
            return not_applicable("too_short", "fewer than 2 frames are sampled")
        lit = rows[(rows < 1).any(axis=1)]
        if not len(lit):
            return not_applicable("black", "every sampled frame is black")
        bars = np.quantile(lit, self.share, axis=0, method="lower")
        bars[bars < self.smallest] = 0.0
        area = 1 - (1 - bars[0] - bars[1]) * (1 - bars[2] - bars[3])
        components = {side: float(bar) for side, bar in zip(_SIDES, bars, strict=True)}
        return ItemScore(value=float(np.clip(area, 0, 1)), components=components)
