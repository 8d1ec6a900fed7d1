"""Shared code of published drift formulas, which are applied to the series of other metrics."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvbench.metrics.base import not_applicable
from lvbench.metrics.derived_metric import DerivedMetric
from lvbench.results.schema import ItemScore, Series

Floats = NDArray[np.float64]

SHARPNESS = "sharpness_drift"
"""The headline's source: clarity, which every installation can compute."""


@dataclass(frozen=True, slots=True)
class Source:
    """A metric whose series a formula may read.

    Attributes:
        title: What it measures, as in a table's row.
        series: The series that is read.
        unit: Its unit.
    """

    title: str
    series: str
    unit: str = ""


SOURCES: Mapping[str, Source] = {
    SHARPNESS: Source("sharpness", "sharpness", "dB"),
    "motion_magnitude": Source("motion magnitude", "motion", "diagonals/s"),
    "temporal_flicker": Source("temporal flicker", "flicker", "levels"),
    "subject_consistency": Source("subject consistency", "subject_found"),
    "background_consistency": Source("background consistency", "background_found"),
    "clip_consistency": Source("CLIP consistency", "to_first"),
}
"""By the name of the metric."""
OTHERS = ",".join(name for name in SOURCES if name != SHARPNESS)


class SeriesFormula(DerivedMetric):
    """Apply a formula to sharpness (the headline) and to the series of other metrics.

    A component is absent where its source is, or where the formula has no value for it.

    Attributes:
        read: Keys of the other metrics, with commas; `name@extractor` for another extractor.
    """

    read: str

    @property
    def sources(self) -> tuple[str, ...]:
        """Return the keys of the metrics that it is derived from, the headline's first."""
        return (SHARPNESS, *(key.strip() for key in self.read.split(",") if key.strip()))

    def sources_of(self, score: str) -> tuple[str, ...]:
        """Return sharpness, and for a component the metric whose series it is made of."""
        component = score.partition("@")[0].partition(".")[2]
        return tuple(key for key in self.sources if metric_name(key) in (SHARPNESS, component))

    @abstractmethod
    def of_series(self, series: Series, source: Source) -> ItemScore:
        """Return the formula's score for one series over segments."""

    @property
    def required(self) -> tuple[str, ...]:
        """Return the headline's source; the others give components where they are."""
        return self.sources[:1]

    def derive(self, scores: Mapping[str, ItemScore]) -> ItemScore:
        """Return the score of sharpness, with those of the other sources as components."""
        if SHARPNESS not in scores:
            return self.without_sources()
        headline = self._of_source(SHARPNESS, scores[SHARPNESS])
        if headline.status != "ok":
            return headline
        components = {}
        for key in self.sources[1:]:
            value = self._of_source(key, scores[key]).value if key in scores else None
            if value is not None:
                components[metric_name(key)] = value
        return headline.model_copy(update={"components": components})

    def _of_source(self, key: str, score: ItemScore) -> ItemScore:
        source = SOURCES[metric_name(key)]
        if score.status != "ok":
            return inherited(key, score)
        if source.series not in score.series:
            return not_applicable("no_series", f"{key} has no series {source.series}")
        return self.of_series(score.series[source.series], source)


def metric_name(key: str) -> str:
    """Return the name of the metric of a key `name@extractor`."""
    return key.partition("@")[0]


def checked_keys(keys: str) -> str:
    """Return `keys` where a formula can read each, and no metric twice.

    Raises:
        ValueError: It cannot.
    """
    names = [metric_name(key.strip()) for key in keys.split(",") if key.strip()]
    unknown = sorted(set(names) - set(OTHERS.split(",")))
    if unknown or len(set(names)) < len(names):
        raise ValueError(f"read is '{keys}', not a list without repeats of {OTHERS}")
    return keys


def inherited(key: str, source: ItemScore) -> ItemScore:
    """Return the score of what is derived from a source without a value: the source's reason."""
    return ItemScore(status=source.status, code=source.code, detail=f"{key}: {source.detail}")


@dataclass(frozen=True, slots=True)
class Samples:
    """A series cut into equal steps of time.

    Attributes:
        step: Index of the step of every value, `(n,)`, rising; a gap in time skips steps.
        y: The values, `(n,)`.
        steps: How many steps there are from the first value to the last.
    """

    step: NDArray[np.int64]
    y: Floats
    steps: int


def samples(t: Floats, y: Floats, finer: int = 1) -> Samples:
    """Return a series in steps of time; each value counts for `finer` of them.

    The publications count frames, of which a segment contains many: with `finer` a part of a
    segment can be counted, so that rounding to full segments drops nothing.

    Raises:
        ValueError: `t` and `y` are not `(n,)` of one length, finite, and `t` rising.
    """
    if t.ndim != 1 or t.shape != y.shape:
        raise ValueError(f"t and y must both be (n,), not {t.shape} and {y.shape}")
    if not (np.isfinite(t).all() and np.isfinite(y).all()) or (np.diff(t) <= 0).any():
        raise ValueError("t and y must be finite, and t strictly increasing")
    if len(t) < 2:
        return Samples(np.arange(finer * len(t)), np.repeat(y, finer), finer * len(t))
    place = np.rint((t - t[0]) / np.median(np.diff(t))).astype(np.int64)
    step = (place[:, None] * finer + np.arange(finer)).ravel()
    return Samples(step, np.repeat(y, finer), int(place[-1] + 1) * finer)
