"""How much does the picture change by itself, the camera's motion removed?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lvbench.metrics.base import MetricInfo, ScoreInfo
from lvbench.metrics.common.source_series import inherited
from lvbench.metrics.derived_metric import DerivedMetric
from lvbench.results.schema import ItemScore

_SOURCE = "stillness"


class Dynamics(DerivedMetric):
    """Bring the change within a second onto a scale that grows for ever more slowly.

    Args:
        ordinary: Change of ordinary video: the score is 0.63 there.
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
        change = source.components["change"]
        return ItemScore(value=float(-np.expm1(-change / self.ordinary)))


def dynamics(frames: NDArray[np.uint8], fps: float, *, ordinary: float = 0.25) -> ItemScore:
    """Return how much a clip's picture changes by itself, the camera's motion removed.

    Args:
        frames: RGB `uint8 (T, H, W, 3)`.
        fps: Frames per second.
        ordinary: Change (see `stillness`) at a score of 0.63.

    Returns:
        The score, 0 to 1; `not_applicable` below 2.25 s (`too_short`).

    Raises:
        InputError: `frames` or `fps` are of a form that is not taken.
        ValueError: `ordinary` is not above 0.

    Examples:
        >>> import numpy as np
        >>> from lvbench.metrics import dynamics
        >>> dynamics(np.zeros((72, 64, 96, 3), np.uint8), fps=24).value
        0.0

    Source:
        lvbench: metrics/motion/dynamics.md.
    """
    from lvbench.metrics.functional import metric_function

    return Dynamics(ordinary).derive({_SOURCE: metric_function(_SOURCE)(frames, fps)})
