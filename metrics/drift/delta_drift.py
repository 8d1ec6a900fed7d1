"""Start-end contrast: the first 15 % of the video against the last 15 % (FramePack)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lvbench.metrics.base import MetricInfo, ScoreInfo, not_applicable
from lvbench.metrics.common.source_series import (
    OTHERS,
    SHARPNESS,
    SOURCES,
    Floats,
    SeriesFormula,
    Source,
    checked_keys,
    samples,
)
from lvbench.results.schema import ItemScore, Series

_FINER = 20  # parts of a segment, so that 15 % of any number of segments is whole


class DeltaDrift(SeriesFormula):
    """Take the absolute difference between the means over the two ends.

    Args:
        share: Length of each end as a share of the video.
        read: Keys of the other metrics to whose series it is applied, with commas.
    """

    info = MetricInfo(
        name="delta_drift",
        version=1,
        headline=ScoreInfo("Start-end contrast of sharpness", "dB", False),
        components={
            name: ScoreInfo(
                f"Start-end contrast of {source.title}", source.unit, False, "mean", (0.0, None)
            )
            for name, source in SOURCES.items()
            if name != SHARPNESS
        },
        needs=(),
        needs_metrics=tuple(SOURCES),
        range=(0.0, None),
        group="over time",
        gates=("stillness", "loop", "incoherence"),
        cites=("zhang2025framepack",),
    )

    def __init__(self, share: float = 0.15, read: str = OTHERS) -> None:
        if not 0 < share <= 0.5:
            raise ValueError(f"share must be above 0 and not above 0.5, not {share}")
        self.share, self.read = share, checked_keys(read)

    def of_series(self, series: Series, source: Source) -> ItemScore:
        """Return the contrast of a series, in its own unit."""
        t, y = np.asarray(series.t, np.float64), np.asarray(series.y, np.float64)
        return self.of_arrays(t, y, _FINER)

    def of_arrays(self, t: Floats, y: Floats, finer: int = 1) -> ItemScore:
        """Return the contrast of values `y` at times `t`, each worth `finer` samples."""
        found = samples(t, y, finer)
        length = int(self.share * found.steps + 1e-6)
        if length < finer:
            return not_applicable(
                "too_short", f"{self.share:.0%} of {found.steps // finer} values are less than one"
            )
        first = found.y[found.step < length]
        last = found.y[found.step >= found.steps - length]
        return ItemScore(value=float(abs(first.mean() - last.mean())))


def delta_drift(t: ArrayLike, y: ArrayLike, share: float = 0.15) -> ItemScore:
    """Return the start-end contrast of a series.

    Args:
        t: Seconds, `(n,)`, rising.
        y: A quantity at each, `(n,)`.
        share: Length of each end as a share of the series; the number of values is rounded down.

    Returns:
        |mean of the first end - mean of the last|, in the unit of `y`; `not_applicable` where an
        end would have less than one value.

    Examples:
        >>> from lvbench.metrics import delta_drift
        >>> delta_drift(t=[0, 1, 2, 3], y=[5, 5, 3, 3], share=0.25).value
        2.0

    Source:
        Zhang et al., FramePack, arXiv:2504.12626, equation 7.
    """
    metric = DeltaDrift(share)
    return metric.of_arrays(np.asarray(t, np.float64), np.asarray(y, np.float64))
