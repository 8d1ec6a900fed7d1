"""The state of metrics that read `motion_layers`: a few numbers for every sampled moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lvbench.features.base import Features
from lvbench.metrics.base import VideoContext, not_applicable
from lvbench.metrics.common.spans import Spans
from lvbench.results.schema import ItemScore

_FEWEST = 0.05  # Share of the moments below which a video has no score.


class Moments(Spans):
    """Rows `(t, *values)` of the moments that were measured.

    Attributes:
        seen: How many moments there were.
    """

    def __init__(self, video: VideoContext) -> None:
        super().__init__(video)
        self.seen = 0

    def take(self, features: Mapping[str, Features], valid: str, names: Sequence[str]) -> None:
        """Take the cuts, and the arrays `names` of a block's moments where `valid` is 1."""
        if "shots" in features:
            self.add_cuts(features["shots"])
        if "motion_layers" not in features:
            return
        found = features["motion_layers"]
        self.seen += len(found.t)
        for i, t in enumerate(found.t.tolist()):
            if found[valid][i]:
                before, after = float(found["before"][i]), float(found["after"][i])
                self.add(t - before, t + after, t, *(float(found[name][i]) for name in names))


def too_few(state: Moments, kept: int) -> ItemScore | None:
    """Return the score of a video of which too little was measured, else None."""
    if not state.seen:
        code, detail = "too_short", "fewer than 3 frames at 10 per second"
    elif len(state) < max(1, _FEWEST * state.seen):
        code = "untrackable"
        detail = f"optical flow resolves {len(state)} of {state.seen} moments"
    elif not kept:
        code, detail = "only_cuts", "a cut within all moments that flow resolves"
    else:
        return None
    return not_applicable(code, detail)
