"""How fast does the camera move, and how?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lvbench.features.base import Features
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext
from lvbench.metrics.common.moments import Moments, too_few
from lvbench.metrics.common.segments import per_segment
from lvbench.results.schema import ItemScore

_UNIT = "diagonals/s"


class CameraMotion(Metric[Moments]):
    """Measure the motion of the plane that most of the picture follows."""

    info = MetricInfo(
        name="camera_motion",
        version=1,
        headline=ScoreInfo("Camera motion", _UNIT, None),
        components={
            "zoom": ScoreInfo("Camera zoom speed", "1/s", None, range=(0.0, None)),
            "rotation": ScoreInfo("Camera rotation speed", "deg/s", None, range=(0.0, None)),
            "standing": ScoreInfo("Static camera fraction", "", None, range=(0.0, 1.0)),
            "measured": ScoreInfo("Camera motion, measured fraction", "", None, range=(0.0, 1.0)),
        },
        needs=("motion_layers", "shots"),
        range=(0.0, None),
        group="motion",
        series={
            "speed": _UNIT,
            "right": _UNIT,
            "down": _UNIT,
            "zoom": "1/s",
            "rotation": "deg/s",
        },
        cites=("lvbench", "adiv1985motion", "black1996robust"),
        tolerance=1e-3,
    )

    def new_state(self, video: VideoContext) -> Moments:
        """Return the empty state."""
        return Moments(video)

    def update(self, state: Moments, features: Mapping[str, Features]) -> None:
        """Keep the camera's motion of every moment in which it can be followed."""
        state.take(features, "followed", ("speed", "right", "down", "zoom", "rotation"))

    def item(self, state: Moments) -> ItemScore:
        """Return the mean speed over the moments that no cut crosses."""
        kept = state.away_from_cuts()
        missing = too_few(state, len(kept))
        if missing is not None:
            return missing
        t, *columns = kept.T
        series = dict(zip(self.info.series, columns, strict=True))
        seconds = state.video.segment_seconds
        return ItemScore(
            value=float(series["speed"].mean()),
            components={
                "zoom": float(np.abs(series["zoom"]).mean()),
                "rotation": float(np.abs(series["rotation"]).mean()),
                "standing": float((series["speed"] == 0).mean()),
                "measured": len(kept) / state.seen,
            },
            series={name: per_segment(t, y, seconds).series() for name, y in series.items()},
        )
