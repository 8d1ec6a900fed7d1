"""How different do the frames look from those of the paired real video, to a trained network?"""

from __future__ import annotations

from typing import Any

from lvbench.metrics.array_input import Clip
from lvbench.metrics.base import MetricInfo, ScoreInfo
from lvbench.metrics.column_metric import Collected
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
        cites=("zhang2018lpips",),
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
    frames: Clip, fps: float, *, original: Clip, net: str = "alex", **inputs: Any
) -> ItemScore:
    """Return the LPIPS of one clip from its original, of every frame, `uint8 (T, H, W, 3)` RGB.

    Args:
        frames: The clip.
        fps: Frames per second.
        original: The paired real clip.
        net: `alex`, `vgg` or `squeeze`.
        **inputs: Other fields of `lvbench.metrics.functional.Inputs`, such as `weights`.

    Examples:
        >>> import numpy as np
        >>> from lvbench.metrics import lpips
        >>> from lvbench.world.clip import render_clip
        >>> frames = np.concatenate(list(render_clip(1.0, 8.0, 96, 64, 1)))
        >>> score = lpips(frames, fps=8, original=frames)
    """
    name = f"lpips_{net}"
    extractors = {name: {"rate": 0.0}}
    return score_array(Lpips(name), frames, fps, original=original, extractors=extractors, **inputs)
