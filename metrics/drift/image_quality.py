"""Do the frames look like natural pictures, and for how long?"""

from __future__ import annotations

import numpy as np

from lvbench.metrics.base import MetricInfo, ScoreInfo, not_applicable
from lvbench.metrics.column_metric import Collected, ColumnMetric
from lvbench.metrics.common.segments import (
    drift_components,
    drift_infos,
    per_segment,
)
from lvbench.results.schema import ItemScore


class ImageQuality(ColumnMetric):
    """Average NIQE and BRISQUE over sampled frames."""

    info = MetricInfo(
        name="image_quality",
        version=1,
        headline=ScoreInfo("NIQE", "", False),
        components={
            "brisque": ScoreInfo("BRISQUE", "", False, range=(0.0, 100.0)),
            **drift_infos("NIQE", "", False),
        },
        needs=("image_quality",),
        range=(0.0, None),
        group="over time",
        gates=("stillness", "loop", "incoherence"),
        series={"niqe": "", "brisque": ""},
        cites=("mittal2013niqe", "mittal2012brisque"),
        tolerance=1e-4,
    )
    columns = ("niqe", "brisque")

    def item(self, state: Collected) -> ItemScore:
        """Return the mean NIQE of the frames that have one."""
        t, niqe, brisque = state.t, state["niqe"], state["brisque"]
        if len(t) < 2:
            return not_applicable("too_short", "fewer than 2 sampled frames")
        has_niqe, has_brisque = np.isfinite(niqe), np.isfinite(brisque)
        if not has_niqe.any():
            return not_applicable(
                "too_small" if has_brisque.any() else "no_texture",
                "no frame with texture and 192 pixels on its shorter side",
            )
        seconds = state.video.segment_seconds
        segments = per_segment(t[has_niqe], niqe[has_niqe], seconds)
        components = {"brisque": float(brisque[has_brisque].mean())}
        if not state.video.orders_change_of("style"):
            components |= drift_components(segments)
        other = per_segment(t[has_brisque], brisque[has_brisque], seconds)
        return ItemScore(
            value=float(niqe[has_niqe].mean()),
            components=components,
            series={"niqe": segments.series(), "brisque": other.series()},
        )
