"""What diffusers' video pipelines are made for; none of them tells it itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from lvbench.generators.contract.plan import Limits

Continues = Literal["none", "image", "video", "itself"]
"""How a pipeline makes a clip that is longer than its window.

`none`: it cannot. `image`: it is called again, with the last picture as the first. `video`: it is
called again, with the last frames as the first. `itself`: it goes on within one call.
"""


@dataclass(frozen=True, slots=True)
class PipelineFacts:
    """What is known of a pipeline.

    Attributes:
        fps: Rate of its training; None where the rate is an argument.
        limits: Frames of one window, and sizes.
        continues: How a longer clip is made.
        overlap: Frames that a later window shares with the one before.
        own: Arguments that hold a window's frames and the overlap, where it goes on by itself.
        image: Whether it takes a first picture: `no`, `may`, or `must`.
        spare: Frames that each window makes beyond those that it is asked for.
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
# A section of FramePack adds 9 latent frames of 4 frames each to the first picture, and is begun
# for each 33 frames that are asked for.
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
