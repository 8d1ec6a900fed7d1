"""How different do the frames look from those of the paired real video, to a trained network?"""

from __future__ import annotations

from pathlib import Path

from lvbench.metrics.array_input import Clip
from lvbench.metrics.base import MetricInfo, ScoreInfo
from lvbench.metrics.common.collect import Collected
from lvbench.metrics.common.frame_quality import PER_FRAME, FrameQuality, quality_infos
from lvbench.metrics.functional import score_array
from lvbench.results.schema import ItemScore


class Lpips(FrameQuality):
    """Average the learned perceptual distance over the sampled frames.

    Args:
        extractor: The backbone: `lpips_alex`, `lpips_vgg`, `lpips_squeeze`.
    """

    info = MetricInfo(
        name="lpips",
        version=1,
        headline=ScoreInfo("LPIPS", "", False),
        components=quality_infos("LPIPS", "", False),
        needs=("lpips_alex",),
        range=(0.0, None),
        group="paired",
        series={"lpips": "", PER_FRAME: ""},
        reference="Zhang et al., CVPR 2018, arXiv 1801.03924; the package lpips, v0.1",
        citation=(
            "@inproceedings{zhang2018lpips, title={The Unreasonable Effectiveness of Deep Features "
            "as a Perceptual Metric}, author={Zhang, Richard and Isola, Phillip and Efros, Alexei "
            "A. and Shechtman, Eli and Wang, Oliver}, booktitle={CVPR}, year={2018}}"
        ),
        tolerance=1e-4,
    )
    columns = ("lpips",)

    def __init__(self, extractor: str = "lpips_alex") -> None:
        self.extractor = extractor

    def conventions(self, state: Collected) -> str:
        """Return what the number is defined on."""
        net = self.needs[0].removeprefix("lpips_")
        return f"v0.1 on {net}, RGB in [-1, 1] at full size, mean over {len(state.t)} frames"


def lpips(
    reference: Clip,
    video: Clip,
    fps: float,
    *,
    segment_seconds: float = 0.5,
    net: str = "alex",
    weights: str | Path | None = None,
    device: str = "cpu",
) -> ItemScore:
    """Return the LPIPS of one clip from its reference, of every frame, as `uint8 (T, H, W, 3)`.

    Args:
        reference: The real video.
        video: The video that is judged.
        fps: Frames per second.
        segment_seconds: Length of a segment.
        net: `alex`, `vgg` or `squeeze`.
        weights: Folder of the weights' files; the cache if left out.
        device: Where the network runs.
    """
    from lvbench.features.registry import load

    name = f"lpips_{net}"
    return score_array(
        Lpips(name),
        video,
        fps=fps,
        segment_seconds=segment_seconds,
        reference=reference,
        extractors={name: load(name, weights, device, rate=0.0)},
    )
