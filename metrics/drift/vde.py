"""Video Drift Error of LV-Bench: how much do ten chunks of the video differ from the first?"""

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

_FINER = 32  # parts of a segment: trimming the tail to equal chunks drops at most 10 of them


class Vde(SeriesFormula):
    """Weigh the relative distances of the chunks' means from the first chunk's, early ones most.

    Args:
        chunks: Chunks of equal length.
        weights: `linear` (`chunks` - i + 1 for chunk i) or `log` (its logarithm).
        read: Keys of the other metrics to whose series it is applied, with commas.
    """

    info = MetricInfo(
        name="vde",
        version=1,
        headline=ScoreInfo("VDE of sharpness", "", False),
        components={
            name: ScoreInfo(f"VDE of {source.title}", "", False, "mean", (0.0, None))
            for name, source in SOURCES.items()
            if name != SHARPNESS
        },
        needs=(),
        needs_metrics=tuple(SOURCES),
        range=(0.0, None),
        group="over time",
        gates=("stillness", "loop", "incoherence"),
        series={"chunk_mean": ""},
        cites=("zhang2025blockvid",),
    )

    def __init__(self, chunks: int = 10, weights: str = "linear", read: str = OTHERS) -> None:
        if chunks < 2:
            raise ValueError(f"chunks must be at least 2, not {chunks}")
        if weights not in ("linear", "log"):
            raise ValueError(f"weights must be linear or log, not '{weights}'")
        self.chunks, self.weights, self.read = chunks, weights, checked_keys(read)

    def of_series(self, series: Series, source: Source) -> ItemScore:
        """Return the error of a series; decibels are converted back to ratios."""
        y = np.asarray(series.y, np.float64)
        if source.unit == "dB":
            y = 10 ** (y / 10)
        return self.of_arrays(np.asarray(series.t, np.float64), y, _FINER)

    def of_arrays(self, t: Floats, y: Floats, finer: int = 1) -> ItemScore:
        """Return the error of values `y` at times `t`, each worth `finer` samples."""
        found = samples(t, y, finer)
        if found.steps < self.chunks * finer:
            return not_applicable(
                "too_short", f"{found.steps // finer} values are too few for {self.chunks} chunks"
            )
        length = found.steps // self.chunks
        chunk = found.step // length
        kept = chunk < self.chunks
        total = np.bincount(chunk[kept], found.y[kept], self.chunks)
        count = np.bincount(chunk[kept], minlength=self.chunks)
        if not count.all():
            return not_applicable("gap", "a chunk in which nothing was measured")
        mean = total / count
        if mean[0] <= 0:
            return not_applicable(
                "no_positive_start",
                f"the first chunk has {mean[0]:g}, of which no relative change can be taken",
            )
        spacing = float(np.median(np.diff(t)))
        centre = t[0] + ((np.arange(self.chunks) + 0.5) * length / finer - 0.5) * spacing
        later = np.arange(self.chunks - 1, 0, -1, dtype=np.float64)
        weight = later if self.weights == "linear" else np.log(later)
        return ItemScore(
            value=float(weight @ (np.abs(mean[1:] - mean[0]) / mean[0])),
            series={"chunk_mean": Series(t=centre.tolist(), y=mean.tolist())},
        )


def vde(
    t: ArrayLike,
    y: ArrayLike,
    chunks: int = 10,
    weights: str = "linear",
) -> ItemScore:
    """Return the Video Drift Error of a series.

    Args:
        t: Seconds, `(n,)`, rising.
        y: A quantity with a true zero at each, `(n,)`.
        chunks: Chunks of equal length; what is left over at the end is trimmed.
        weights: `linear` or `log`.

    Returns:
        sum over i = 2..N of w_i |m_i - m_1| / m_1, with m_i the mean of chunk i and w_i = N - i + 1
        or its logarithm; `not_applicable` where m_1 is not above 0, where a chunk is empty and
        where there are fewer values than chunks.

    Examples:
        >>> from lvbench.metrics import vde
        >>> vde(t=range(20), y=[1.0] * 10 + [2.0] * 10).value
        15.0

    Source:
        alibaba-damo-academy/Inferix, LV-Bench/vde.py.
    """
    metric = Vde(chunks, weights)
    return metric.of_arrays(np.asarray(t, np.float64), np.asarray(y, np.float64))
