"""MobileNetV2: a light image encoder, trained to classify ImageNet."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.features.embeddings.image_encoder import ImageEncoder
from lvbench.features.embeddings.image_preprocessing import IMAGENET, centre_crop, resize
from lvbench.features.torchvision_shim import import_torchvision


class MobileNet(ImageEncoder):
    """Emit the mean over space of the last feature maps as `image`, 1280 dimensions.

    The weights come with batch normalisation folded into the convolutions, and without the
    classifier.

    Source: Sandler et al., MobileNetV2, CVPR 2018; weights of the ONNX model zoo.
    """

    name = "mobilenet_v2"
    weights = ("mobilenet_v2",)
    modules = ("torch", "torchvision")
    preprocessing = "rgb-pillow-bilinear256-crop224-imagenet"
    channels = IMAGENET

    def resized(self, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the centre of the frames, the shorter side at 256, `(n, 224, 224, 3)`."""
        return centre_crop(resize(images, 256, "bilinear"), 224)

    def architecture(self) -> Any:
        """Return torchvision's module with biases in the place of batch normalisation."""
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

    def forward(self, network: Any, pixels: Any) -> Any:
        """Return the pooled features, `(batch, 1280)`."""
        return network.features(pixels).mean(dim=(2, 3))
