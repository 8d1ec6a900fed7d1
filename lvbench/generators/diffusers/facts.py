"""Known facts of the diffusers video pipelines, which the classes do not provide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from lvbench.generators.contract.plan import Limits

Continues = Literal["none", "image", "video", "itself"]
"""How a pipeline generates a clip that is longer than its window.

`none`: not supported. `image`: called again with the last picture as the first. `video`: called
again with the last frames as the first. `itself`: extended within one call.
"""


@dataclass(frozen=True, slots=True)
class PipelineFacts:
    """Known facts of a pipeline.

    Attributes:
        fps: Frame rate of its training; None where the rate is an argument.
        limits: Frames of one window, and sizes.
        continues: How a longer clip is generated.
        overlap: Frames that a window shares with the one before.
        own: Arguments for window length and overlap, where it extends within one call.
        image: Whether it takes a first picture: `no`, `may`, or `must`.
        spare: Frames that each window returns beyond the requested number.
    """

    fps: float | None
    limits: Limits
    continues: Continues = "none"
    overlap: int = 0
    own: tuple[str, str] | None = None
    image: Literal["no", "may", "must"] = "no"
    spare: int = 0


def _from_image(fps: float | None, limits: Limits) -> PipelineFacts:
    return PipelineFacts(fps, limits, "image", 1, image="must")


_WAN = Limits(4, 1, 81, 16)
_HUNYUAN = Limits(4, 1, 129, 16)
_HUNYUAN_15 = Limits(4, 1, 121, 16)
_LTX = Limits(8, 1, 257, 32)
_COG = Limits(4, 1, 49, 16)
_SKYREELS = Limits(4, 1, 97, 16)
# A section of FramePack adds 9 latent frames of 4 frames each to the first picture; one section is
# started for each 33 requested frames.
_FRAMEPACK = Limits(1, 0, 37, 16)
_FORCING = ("base_num_frames", "overlap_history")

FACTS: Mapping[str, PipelineFacts] = {
    "WanPipeline": PipelineFacts(16.0, _WAN),
    "WanImageToVideoPipeline": _from_image(16.0, _WAN),
    "HunyuanVideoPipeline": PipelineFacts(24.0, _HUNYUAN),
    "HunyuanVideoImageToVideoPipeline": _from_image(24.0, _HUNYUAN),
    "HunyuanVideo15Pipeline": PipelineFacts(24.0, _HUNYUAN_15),
    "HunyuanVideo15ImageToVideoPipeline": _from_image(24.0, _HUNYUAN_15),
    "HunyuanVideoFramepackPipeline": PipelineFacts(
        30.0, _FRAMEPACK, "itself", 1, image="must", spare=3
    ),
    "LTXPipeline": PipelineFacts(None, _LTX),
    "LTXImageToVideoPipeline": _from_image(None, _LTX),
    "LTXConditionPipeline": PipelineFacts(None, _LTX, "video", 9, image="may"),
    "CogVideoXPipeline": PipelineFacts(8.0, _COG),
    "CogVideoXImageToVideoPipeline": _from_image(8.0, _COG),
    "SkyReelsV2Pipeline": PipelineFacts(24.0, _SKYREELS),
    "SkyReelsV2ImageToVideoPipeline": _from_image(24.0, _SKYREELS),
    "SkyReelsV2DiffusionForcingPipeline": PipelineFacts(24.0, _SKYREELS, "itself", 17, _FORCING),
    "SkyReelsV2DiffusionForcingImageToVideoPipeline": PipelineFacts(
        24.0, _SKYREELS, "itself", 17, _FORCING, image="must"
    ),
}
