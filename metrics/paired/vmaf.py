"""How would viewers rate the video compared with its paired reference, as VMAF predicts it?"""

from __future__ import annotations

from lvbench.metrics.base import MetricInfo, ScoreInfo
from lvbench.metrics.column_metric import Collected
from lvbench.metrics.common.frame_quality import PER_FRAME, FrameQuality, mean_parts, quality_infos

PARTS = {
    **{
        f"vif_scale{scale}": ScoreInfo(f"VIF, scale {scale}", "", True, "mean", (0.0, None))
        for scale in range(4)
    },
    "adm2": ScoreInfo("ADM", "", True, "mean", (0.0, None)),
    "motion2": ScoreInfo("VMAF motion", "levels", None, "mean", (0.0, None)),
}
"""Features of libvmaf's model, averaged over frames."""


class Vmaf(FrameQuality):
    """Average libvmaf's score of every frame.

    Of clips in memory the planes are full-range BT.601; VMAF was trained on limited range, which
    files have.
    """

    info = MetricInfo(
        name="vmaf",
        version=1,
        headline=ScoreInfo("VMAF", "", True),
        components=PARTS | quality_infos("VMAF", "", True),
        needs=("libvmaf",),
        range=(0.0, 100.0),
        group="paired",
        series={"vmaf": "", PER_FRAME: ""},
        cites=("vmaf",),
        tolerance=1e-4,
    )
    columns = ("vmaf", *PARTS, "bits")

    def parts(self, state: Collected) -> dict[str, float]:
        """Return what the model reads, averaged over frames."""
        return mean_parts(state, *PARTS)

    def conventions(self, state: Collected) -> str:
        """Return what the number is defined on."""
        bits = f"{state['bits'][0]:g} bits"
        return f"libvmaf on luma as coded ({bits}), fixed-point features, mean over frames"
