"""What fraction of frames does no motion from the previous frame explain?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.features.flow.warp import sample
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext, not_applicable
from lvbench.metrics.common.segments import per_segment
from lvbench.metrics.common.spans import Spans
from lvbench.results.schema import ItemScore

Float = NDArray[np.float32]


@dataclass
class _Incoherence:
    """State: the results and residuals so far, and the last pair that was unexplained."""

    spans: Spans
    unexplained: tuple[float, float] = (-np.inf, -np.inf)
    pairs: int = 0


class Incoherence(Metric[_Incoherence]):
    """Count the frame pairs whose structure neither optical flow nor stillness explains.

    Args:
        fine: Structure finer than this is left out, as grain (standard deviation of a Gaussian,
            pixels of the flow's grid).
        coarse: Structure coarser than this is left out, as light and layout.
        unexplained: Share of the structure's energy from which on a pair is unexplained.
        floor: Contrast of both frames, luma levels, below which there is nothing to explain.
        repeat: Share up to which a frame repeats the one before.
        hold_seconds: Time for which the repeats of an unexplained picture are unexplained too.
    """

    info = MetricInfo(
        name="incoherence",
        version=1,
        headline=ScoreInfo("Incoherent frame fraction", "", False),
        components={"residual": ScoreInfo("Flow residual", "", False, range=(0.0, 1.0))},
        needs=("dis", "shots"),
        range=(0.0, 1.0),
        group="motion",
        gates=("stillness", "loop"),
        series={"incoherence": "", "residual": ""},
        cites=("lvbench", "sundaram2010dense"),
        tolerance=1e-3,
    )

    def __init__(
        self,
        fine: float = 2.0,
        coarse: float = 8.0,
        unexplained: float = 0.7,
        floor: float = 0.25,
        repeat: float = 0.01,
        hold_seconds: float = 0.125,
    ) -> None:
        self.fine, self.coarse, self.unexplained = fine, coarse, unexplained
        self.floor, self.repeat, self.hold_seconds = floor, repeat, hold_seconds

    def new_state(self, video: VideoContext) -> _Incoherence:
        """Return the empty state."""
        return _Incoherence(Spans(video))

    def update(self, state: _Incoherence, features: Mapping[str, Features]) -> None:
        """Measure every pair."""
        if "shots" in features:
            state.spans.add_cuts(features["shots"])
        if "dis" not in features:
            return
        flow = features["dis"]
        gray = flow["gray"].astype(np.float32)
        bands = [self._band(picture) for picture in gray]
        for i, (end, dt) in enumerate(zip(flow.t.tolist(), flow["dt"].tolist(), strict=True)):
            state.pairs += 1
            # Only where both flows agree is there motion: flow can fit unrelated pictures.
            follows = flow["consistent_backward"][i]
            moved = np.where(follows, sample(gray[i], flow["backward"][i]), gray[i])
            still, residual = self._residuals(bands[i], bands[i + 1], self._band(moved))
            if residual >= self.unexplained:
                state.unexplained = end - dt, end
            # A repeat inherits the result of the pair before, and its cut.
            begun, since = state.unexplained
            held = still <= self.repeat and end <= since + self.hold_seconds + 1e-6
            if held or since == end:
                state.spans.add(begun, end, end, 1.0, residual)
            else:
                state.spans.add(end - dt, end, end, 0.0, residual)

    def _band(self, picture: Float) -> Float:
        """Return the structure of a picture that is neither grain nor layout."""
        return _blurred(picture, self.fine) - _layout(picture, self.coarse)

    def _residuals(self, first: Float, second: Float, moved: Float) -> tuple[float, float]:
        """Return the residuals of stillness, and of the better of stillness and motion.

        Energies are relative to that of both frames: two unrelated ones leave 1.
        """
        energy = _energy(first) + _energy(second)
        if energy < 2 * self.floor**2:
            return 0.0, 0.0
        still = min(1.0, _energy(second - first) / energy)
        return still, min(still, _energy(second - moved) / energy)

    def item(self, state: _Incoherence) -> ItemScore:
        """Return the share of the pairs, away from cuts, that are unexplained."""
        if not state.pairs:
            return not_applicable("too_short", "fewer than 2 frames")
        kept = state.spans.away_from_cuts()
        if not len(kept):
            return not_applicable("only_cuts", "a cut between all frames")
        t, unexplained, residual = kept.T
        seconds = state.spans.video.segment_seconds
        return ItemScore(
            value=float(unexplained.mean()),
            components={"residual": float(residual.mean())},
            series={
                "incoherence": per_segment(t, unexplained, seconds).series(),
                "residual": per_segment(t, residual, seconds).series(),
            },
        )


def _blurred(picture: Float, sigma: float) -> Float:
    import cv2

    out: Any = cv2.GaussianBlur(picture, (0, 0), sigma)
    return cast("Float", out)


def _layout(picture: Float, sigma: float) -> Float:
    """Return a picture smoothed by a wide Gaussian: at a quarter of the size, which is enough."""
    import cv2

    height, width = picture.shape
    quarter = max(1, round(width / 4)), max(1, round(height / 4))
    small: Any = cv2.resize(picture, quarter, interpolation=cv2.INTER_AREA)
    out: Any = cv2.resize(_blurred(small, sigma / 4), (width, height))
    return cast("Float", out)


def _energy(x: Float) -> float:
    import cv2

    return cv2.norm(x, cv2.NORM_L2SQR) / x.size
