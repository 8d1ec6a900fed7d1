"""How much moves against the camera, and how fast?"""

from __future__ import annotations

from collections.abc import Mapping

from lvbench.features.base import Features
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext
from lvbench.metrics.common.moments import Moments, too_few
from lvbench.metrics.common.segments import per_segment
from lvbench.results.schema import ItemScore

_UNIT = "diagonals/s"


class SubjectMotion(Metric[Moments]):
    """Measure the motion that is left once the camera's is taken out."""

    info = MetricInfo(
        name="subject_motion",
        version=1,
        headline=ScoreInfo("Subject motion", _UNIT, None),
        components={
            "area": ScoreInfo("Moving area fraction", "", None, range=(0.0, 1.0)),
            "speed": ScoreInfo("Subject speed", _UNIT, None, range=(0.0, None)),
            "moving": ScoreInfo("Moving time fraction", "", None, range=(0.0, 1.0)),
            "measured": ScoreInfo("Subject motion, measured fraction", "", None, range=(0.0, 1.0)),
        },
        needs=("motion_layers", "shots"),
        range=(0.0, None),
        group="motion",
        series={"motion": _UNIT, "area": ""},
        cites=("lvbench",),
        tolerance=1e-3,
    )

    def new_state(self, video: VideoContext) -> Moments:
        """Return the empty state."""
        return Moments(video)

    def update(self, state: Moments, features: Mapping[str, Features]) -> None:
        """Keep area and speed of every measured moment."""
        state.take(features, "separable", ("moving", "subject_speed"))

    def item(self, state: Moments) -> ItemScore:
        """Return the mean over moments of area times speed."""
        kept = state.away_from_cuts()
        missing = too_few(state, len(kept))
        if missing is not None:
            return missing
        t, area, speed = kept.T
        motion = area * speed
        seconds = state.video.segment_seconds
        components = {
            "area": float(area.mean()),
            "moving": float((area > 0).mean()),
            "measured": len(kept) / state.seen,
        }
        if area.any():
            components["speed"] = float(motion.sum() / area.sum())
        return ItemScore(
            value=float(motion.mean()),
            components=components,
            series={
                "motion": per_segment(t, motion, seconds).series(),
                "area": per_segment(t, area, seconds).series(),
            },
        )
