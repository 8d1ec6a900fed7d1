"""MobileNetV2 and SqueezeNet 1.1: light image encoders, trained to classify ImageNet."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lvbench.features.embeddings.image_encoder import LocalEncoder
from lvbench.features.embeddings.image_preprocessing import IMAGENET, centre_crop, resize
from lvbench.features.torchvision_shim import import_torchvision


class _Convolutional(LocalEncoder):
    """Emit the mean over space of the last feature maps as `image`."""

    modules = ("torch", "torchvision")
    preprocessing = "rgb-pillow-bilinear256-crop224-imagenet"
    channels = IMAGENET
    cell = 8
    inner: ClassVar[tuple[int, ...]]  # layers whose outputs are its inner maps

    def resized(self, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the centre of the frames, the shorter side at 256, `(n, 224, 224, 3)`."""
        return centre_crop(resize(images, 256, "bilinear"), 224)

    def forward(self, network: Any, pixels: Any) -> Any:
        """Return the pooled features, `(batch, d)`."""
        return network.features(pixels).mean(dim=(2, 3))

    def local(self, network: Any, pixels: Any) -> list[Any]:
        """Return two maps of cells of 8 pixels and one of 16."""
        maps = []
        for k, layer in enumerate(network.features[: self.inner[-1] + 1]):
            pixels = layer(pixels)
            if k in self.inner:
                maps.append(pixels)
        return maps


class MobileNet(_Convolutional):
    """MobileNetV2, 1280 dimensions.

    The weights come with batch normalisation folded into the convolutions, and without the
    classifier.

    Source: Sandler et al., MobileNetV2, CVPR 2018; weights of the ONNX model zoo.
    """

    name = "mobilenet_v2"
    weights = ("mobilenet_v2",)
    inner = (4, 6, 10)

    def architecture(self) -> Any:
        """Return torchvision's module with biases in place of batch normalisation."""
        import torch

        torchvision, _ = import_torchvision()
        network = torchvision.models.mobilenet_v2(weights=None)
        network.classifier = torch.nn.Identity()
        for block in list(network.modules()):
            for name, layer in list(block.named_children()):
                if isinstance(layer, torch.nn.BatchNorm2d):
                    setattr(block, name, torch.nn.Identity())
                elif isinstance(layer, torch.nn.Conv2d):
                    layer.bias = torch.nn.Parameter(torch.zeros(layer.out_channels))
        return network


class SqueezeNet(_Convolutional):
    """SqueezeNet 1.1, 512 dimensions.

    The network is torchvision's module, classifier included: `network(x)` gives 1000 logits.

    Source: Iandola et al., SqueezeNet, arXiv 1602.07360; weights of torchvision.
    """

    name = "squeezenet1_1"
    weights = ("squeezenet1_1",)
    inner = (4, 7, 10)

    def architecture(self) -> Any:
        """Return the module with random weights."""
        torchvision, _ = import_torchvision()
        return torchvision.models.squeezenet1_1(weights=None)
