"""Learned perceptual distance of sampled frames to their partners."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Arrays, ExtractorSpec, sampled_rate
from lvbench.features.network import TorchExtractor
from lvbench.features.paired.per_frame import refuse_small
from lvbench.features.torchvision_shim import import_torchvision
from lvbench.video.frames import Frames, Products
from lvbench.weights.checkpoint import load_into, read_tensors

SMALLEST = 32
"""Pixels of the shorter side that all three networks can read."""


class PairedLpips(TorchExtractor):
    """Measure LPIPS v0.1 by the publisher's own module, at the frames' full size.

    Values: `lpips`, float64 `(n,)`: 0 for identical frames, larger for more different ones.

    Args:
        rate: Frames per second that are taken; 0 for every frame.

    Attributes:
        name: Registry name.
        net: The publisher's name of the backbone.

    Source: Zhang et al., CVPR 2018, arXiv 1801.03924; the package `lpips`.
    """

    name: ClassVar[str]
    net: ClassVar[str]
    modules = ("torch", "torchvision", "lpips")

    def __init__(self, rate: float = 2.0) -> None:
        self.spec = ExtractorSpec(
            self.name,
            1,
            Products(rgb=True, reference=True),
            "rgb-in-minus-one-to-one",
            batch=1,
            parameters={"rate": rate},
            rate=sampled_rate(rate),
        )

    def pixels(self, frames: Frames) -> NDArray[Any]:
        """Return frames and partners, `uint8 (n, 2, H, W, 3)`.

        Raises:
            VideoDecodeError: The pictures are too small for the network (`too_small`).
        """
        assert frames.rgb is not None
        assert frames.reference is not None
        assert frames.reference.rgb is not None
        height, width = frames.rgb.shape[1:3]
        refuse_small(height, width, SMALLEST, "LPIPS")
        return np.stack([frames.rgb, frames.reference.rgb], axis=1)

    def architecture(self) -> Any:
        """Return the publisher's module with random weights."""
        import_torchvision()
        with warnings.catch_warnings():
            # It passes torchvision an argument that torchvision has renamed.
            warnings.simplefilter("ignore", UserWarning)
            import lpips

            return lpips.LPIPS(pretrained=False, pnet_rand=True, net=self.net, verbose=False)

    def load(self, files: dict[str, Path], device: str) -> Any:
        """Return the module with the backbone's and the linear layers' weights."""
        backbone, linear = (read_tensors(files[name]) for name in self.weights)
        network = self.architecture()
        found = {}
        for name, own in network.state_dict().items():
            tensor = _source_of(name, own, backbone, linear)
            if tensor is not None:
                found[name] = tensor
        load_into(network, found, files[self.weights[0]])
        return network.eval().requires_grad_(False).to(device)

    def encode(self, batch: NDArray[Any]) -> Arrays:
        """Return the distance of each pair of a batch."""
        import torch

        pixels = torch.from_numpy(np.moveaxis(batch, -1, 2)).to(self.device)
        pixels = pixels.float() / 127.5 - 1
        network = self.network
        with torch.inference_mode():
            distance = network(pixels[:, 0], pixels[:, 1])
        return {"lpips": distance.reshape(-1).double().cpu().numpy()}


class LpipsAlex(PairedLpips):
    """LPIPS on AlexNet, the publisher's default for reporting."""

    name, net = "lpips_alex", "alex"
    weights = ("alexnet", "lpips_alex_linear")


class LpipsVgg(PairedLpips):
    """LPIPS on VGG-16."""

    name, net = "lpips_vgg", "vgg"
    weights = ("vgg16", "lpips_vgg_linear")


class LpipsSqueeze(PairedLpips):
    """LPIPS on SqueezeNet 1.1, the smallest."""

    name, net = "lpips_squeeze", "squeeze"
    weights = ("squeezenet1_1", "lpips_squeeze_linear")


def _source_of(name: str, own: Any, backbone: dict[str, Any], linear: dict[str, Any]) -> Any:
    """Return the tensor of a name in the module; None where no file has it."""
    head, _, rest = name.partition(".")
    if head == "net":
        # The backbone is torchvision's, cut into slices that keep the layers' numbers.
        return backbone.get(f"features.{rest.partition('.')[2]}")
    if head == "lins":
        # The module lists its linear layers twice.
        return linear.get(f"lin{rest}")
    if head.startswith("lin"):
        return linear.get(name)
    return own
