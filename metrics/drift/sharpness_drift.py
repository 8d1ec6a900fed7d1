"""Does the picture lose (or gain) fine detail over the length of the video?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lvbench.features.base import Features
from lvbench.metrics.array_input import Clip
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext
from lvbench.metrics.common.collect import Collected
from lvbench.metrics.common.segments import drift_components, drift_infos, per_segment, why_no_drift
from lvbench.metrics.functional import score_array
from lvbench.results.schema import ItemScore


class SharpnessDrift(Metric[Collected]):
    """Estimate the drift of high-frequency energy relative to the picture's contrast, in dB.

    Args:
        floor: Squared levels added to both energies, so that a black frame has a value.
    """

    info = MetricInfo(
        name="sharpness_drift",
        version=1,
        headline=ScoreInfo("Sharpness drift", "dB", True, "median"),
        components=drift_infos("Sharpness", "dB", True),
        needs=("luma_statistics",),
        range=(None, None),
        group="over time",
        gates=("freeze", "loop", "incoherence"),
        series={"sharpness": "dB"},
        reference="Pech-Pacheco et al., ICPR 2000 (energy of the Laplacian), normalised by the "
        "variance of luma; drift estimators: lvbench design, 'Drift, defined'",
        citation="@inproceedings{pechpacheco2000diatom, title={Diatom autofocusing in brightfield "
        "microscopy: a comparative study}, author={Pech-Pacheco, Jos{\\'e} Luis and Crist{\\'o}bal,"
        " Gabriel and Chamorro-Martinez, Jes{\\'u}s and Fern{\\'a}ndez-Valdivia, Joaqu{\\'i}n}, "
        "booktitle={ICPR}, volume={3}, pages={314--317}, year={2000}}",
    )

    def __init__(self, floor: float = 0.01) -> None:
        self.floor = floor

    def new_state(self, video: VideoContext) -> Collected:
        """Return the empty state."""
        return Collected(video)

    def update(self, state: Collected, features: Mapping[str, Features]) -> None:
        """Keep detail and contrast of every frame."""
        state.add(features["luma_statistics"], "detail", "contrast")

    def item(self, state: Collected) -> ItemScore:
        """Return the signed end level of sharpness, with its series and drift."""
        ratio = (state["detail"] + self.floor) / (state["contrast"] + self.floor)
        sharpness = per_segment(state.t, 10 * np.log10(ratio), state.video.segment_seconds)
        refusal = why_no_drift(len(sharpness.t), state.video, "style")
        if refusal:
            return refusal
        parts = drift_components(sharpness)
        return ItemScore(
            value=parts["end_level"], components=parts, series={"sharpness": sharpness.series()}
        )


def sharpness_drift(
    frames: Clip, fps: float, *, segment_seconds: float = 0.5, **parameters: Any
) -> ItemScore:
    """Return the sharpness drift of one clip, `uint8 (T, H, W, 3)` RGB; see the card."""
    metric = SharpnessDrift(**parameters)
    return score_array(metric, frames, fps=fps, segment_seconds=segment_seconds)
