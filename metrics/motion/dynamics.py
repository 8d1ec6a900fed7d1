"""How much of the picture changes by itself, the camera's motion removed?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lvbench.metrics.base import MetricInfo, ScoreInfo
from lvbench.metrics.common.source_series import inherited
from lvbench.metrics.derived_metric import DerivedMetric
from lvbench.results.schema import ItemScore

_SOURCE = "stillness"


class Dynamics(DerivedMetric):
    """Bring the area that changes at a time onto a scale that grows for ever more slowly.

    Args:
        ordinary: Share of the picture that changes at a time in ordinary video: the score is 0.63
            there.
    """

    info = MetricInfo(
        name="dynamics",
        version=1,
        headline=ScoreInfo("Dynamics", "", True),
        needs=(),
        needs_metrics=(_SOURCE,),
        range=(0.0, 1.0),
        group="motion",
        gates=("loop", "incoherence"),
        cites=("lvbench",),
        tolerance=1e-3,
    )

    def __init__(self, ordinary: float = 0.25) -> None:
        if not ordinary > 0:
            raise ValueError(f"ordinary is {ordinary}, not above 0")
        self.ordinary = ordinary

    def derive(self, scores: Mapping[str, ItemScore]) -> ItemScore:
        """Return the score, or why `stillness` has none."""
        if _SOURCE not in scores:
            return self.without_sources()
        source = scores[_SOURCE]
        if source.status != "ok":
            return inherited(_SOURCE, source)
        return self.of_share(source.components["changing_area"])

    def of_share(self, share: float) -> ItemScore:
        """Return the score of a clip of which the share `share` changes at a time."""
        return ItemScore(value=float(-np.expm1(-share / self.ordinary)))


def dynamics(changing_area: float, ordinary: float = 0.25) -> ItemScore:
    """Return how much of the picture changes by itself, on a scale from 0 to 1.

    Args:
        changing_area: Mean share of the picture that changes at a time, 0 to 1; a component of
            `stillness`.
        ordinary: That share in ordinary video.

    Returns:
        1 - exp(-changing_area / ordinary).

    Raises:
        ValueError: `changing_area` is not from 0 to 1, or `ordinary` not above 0.

    Examples:
        >>> from lvbench.metrics import dynamics
        >>> round(dynamics(0.25).value, 2)
        0.63

    Source:
        lvbench.
    """
    metric = Dynamics(ordinary)
    if not 0 <= changing_area <= 1:
        raise ValueError(f"changing_area is {changing_area}, not from 0 to 1")
    return metric.of_share(float(changing_area))
