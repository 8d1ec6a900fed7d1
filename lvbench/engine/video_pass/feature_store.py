"""Collect the features of a video that are stored for set metrics."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lvbench.engine.video_pass.tools import Tools
from lvbench.errors import ConfigError
from lvbench.features.base import Features
from lvbench.metrics.set_metric import KeptArrays

# A time such as 0.49999999 (30000/1001 fps) counts as half a second.
_TOLERANCE = 1e-6


def kept_by_extractor(tools: Tools) -> dict[str, KeptArrays]:
    """Return the stored arrays of each extractor: those a metric requests, else its own default.

    Raises:
        ConfigError: Two metrics request different arrays of one extractor (`keeping_differs`).
    """
    found = {
        name: KeptArrays(extractor.spec.keeps)
        for name, extractor in tools.extractors.items()
        if extractor.spec.keeps
    }
    requested: dict[str, KeptArrays] = {}
    for metric in tools.set_metrics.values():
        if metric.kept_arrays is None:
            continue
        name = metric.needs[0]
        if requested.setdefault(name, metric.kept_arrays) != metric.kept_arrays:
            raise ConfigError(
                f"store features of {name}",
                found=f"{metric.kept_arrays} and {requested[name]}",
                where=f"protocol {tools.protocol.name}",
                fix="let the set metrics read different extractors",
                code="keeping_differs",
            )
    return found | requested


class FeatureStore:
    """Collect the stored features of one video, thinned to their rate.

    Args:
        wanted: Arrays to store, by extractor.
    """

    def __init__(self, wanted: Mapping[str, KeptArrays]) -> None:
        self._wanted = wanted
        self._due: dict[str, int] = {}
        self._kept: dict[str, list[NDArray[np.generic]]] = {}

    def take(self, extractor: str, features: Features) -> None:
        """Take the next features of an extractor; arrays that are not stored are ignored."""
        wanted = self._wanted.get(extractor)
        if wanted is None or not set(wanted.arrays) <= features.values.keys():
            return
        which = self._at_rate(extractor, features.t, wanted.rate)
        self._kept.setdefault(f"{extractor}.t", []).append(features.t[which])
        for name in wanted.arrays:
            values = features[name][which]
            values = values.astype(np.float16) if wanted.half else values
            self._kept.setdefault(f"{extractor}.{name}", []).append(values)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return the stored arrays, by `extractor.array`, and the times as `extractor.t`."""
        return {name: np.concatenate(parts) for name, parts in self._kept.items()}

    def _at_rate(
        self, extractor: str, t: NDArray[np.float64], rate: float | None
    ) -> NDArray[np.intp]:
        """Return the first features at or after each multiple of `1 / rate`."""
        if rate is None:
            return np.arange(len(t))
        taken = []
        for i, time in enumerate(t):
            if time * rate >= self._due.get(extractor, 0) - _TOLERANCE:
                taken.append(i)
                self._due[extractor] = int(np.floor(time * rate + _TOLERANCE)) + 1
        return np.asarray(taken, np.intp)
