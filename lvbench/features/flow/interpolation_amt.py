"""`interpolation_amt_s`: every second frame as AMT-S predicts it, the interpolator of VBench."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Arrays
from lvbench.features.flow.interpolation import Interpolation, Picture, interpolation_spec
from lvbench.features.flow.raft_network import margins, torchvision_names
from lvbench.features.network import TorchExtractor
from lvbench.video.frames import Frames
from lvbench.weights.checkpoint import load_into, read_tensors


class AmtInterpolation(Interpolation, TorchExtractor):
    """Interpolate at full size: VBench scales down where GPU memory is short, this never does.

    Source: Li et al., AMT, CVPR 2023; Vchitect/VBench, vbench/motion_smoothness.py (45e79ec).
    """

    weights = ("amt_s",)
    modules = ("torch", "torchvision")

    def __init__(self) -> None:
        # For `vbench_motion_smoothness`, its main reader.
        self.spec = replace(interpolation_spec("interpolation_amt_s"), coded=True)

    def architecture(self) -> Any:
        """Return the network with random weights."""
        from lvbench.features.flow.amt_network import AmtS

        return AmtS()

    def load(self, files: dict[str, Path], device: str) -> Any:
        """Return the network with the tensors of the published checkpoint."""
        network = self.architecture()
        (path,) = files.values()
        tensors = {
            # Its encoder is RAFT's under another name.
            ("fnet." + name.removeprefix("feat_encoder.")) if "feat_encoder." in name else name: t
            for name, t in read_tensors(path).items()
        }
        load_into(network, torchvision_names(tensors), path)
        return network.eval().requires_grad_(False).to(device)

    def pixels(self, frames: Frames) -> NDArray[np.uint8]:
        """Return the frames unchanged, uint8 `(n, h, w, 3)`."""
        assert frames.rgb is not None
        return frames.rgb

    def encode(self, batch: NDArray[Any]) -> Arrays:
        """Return the errors of consecutive frames, uint8 `(2 n + 1, h, w, 3)`."""
        return self.errors(batch)

    def between(self, first: Picture, second: Picture) -> Picture:
        """Return the picture halfway between two, truncated to 8 bits as VBench does."""
        import torch
        from torch.nn.functional import pad

        network = self.network
        height, width = first.shape[:2]
        added = margins(height, width, 16)
        left, _, top, _ = added
        with torch.inference_mode():
            pair = torch.from_numpy(np.stack([first, second])).to(self.device)
            pixels = pad(pair.permute(0, 3, 1, 2) / 255.0, added, mode="replicate")
            made = network(pixels[:1], pixels[1:])[0, :, top : top + height, left : left + width]
            levels = (made * 255.0).permute(1, 2, 0).cpu().numpy()
        halfway: Picture = levels.clip(0, 255).astype(np.uint8)
        return halfway
