"""`musiq`: technical quality of frames by ratings of photographs, for VBench's imaging quality."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Arrays, ExtractorSpec, sampled_rate
from lvbench.features.network import TorchExtractor
from lvbench.video.frames import Frames, Products

_LONGEST = 512


class MusiqExtractor(TorchExtractor):
    """Rate frames by MUSIQ trained on SPAQ, the longer side reduced to 512 as VBench does.

    Arrays: `rating`, float64 `(n,)`, 0 to 100 and a little beyond.

    Args:
        rate: Frames per second that are taken; 0 for every frame, as in VBench.

    Source: Ke et al., MUSIQ, ICCV 2021; Vchitect/VBench, vbench/imaging_quality.py (45e79ec).
    """

    weights = ("musiq_spaq",)

    def __init__(self, rate: float = 0.0) -> None:
        self.spec = ExtractorSpec(
            "musiq",
            1,
            Products(rgb=True),
            "rgb-bilinear-longer-512-musiq",
            batch=1,
            parameters={"rate": rate},
            rate=sampled_rate(rate),
            coded=True,
        )

    def architecture(self) -> Any:
        """Return the network with random weights."""
        from lvbench.features.quality.musiq_network import Musiq

        return Musiq()

    def pixels(self, frames: Frames) -> NDArray[np.float32]:
        """Return the frames with no side longer than 512, levels, float32 `(n, 3, h, w)`.

        VBench reads frames as floats, so that plain bilinear interpolation is not rounded.
        """
        import torch

        assert frames.rgb is not None
        height, width = frames.rgb.shape[1:3]
        scale = _LONGEST / max(height, width)
        planes = torch.from_numpy(np.ascontiguousarray(frames.rgb)).permute(0, 3, 1, 2).float()
        if scale < 1:
            size = (max(1, int(scale * height)), max(1, int(scale * width)))
            planes = torch.nn.functional.interpolate(planes, size, mode="bilinear")
        return np.asarray(planes.contiguous().numpy())

    def encode(self, batch: NDArray[Any]) -> Arrays:
        """Return the ratings of frames, levels, float32 `(n, 3, h, w)`."""
        import torch

        network = self.network
        with torch.inference_mode():
            pixels = torch.from_numpy(batch).to(self.device) / 255.0
            return {"rating": network(pixels).double().cpu().numpy()}
