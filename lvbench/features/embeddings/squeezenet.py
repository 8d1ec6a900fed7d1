"""SqueezeNet 1.1: a light image encoder, trained to classify ImageNet."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.features.embeddings.image_encoder import ImageEncoder
from lvbench.features.embeddings.image_preprocessing import IMAGENET, centre_crop, resize
from lvbench.features.torchvision_shim import import_torchvision


class SqueezeNet(ImageEncoder):
    """Emit the mean over space of the last feature maps as `image`, 512 dimensions.

    The network is torchvision's module, classifier included: `network(x)` gives 1000 logits.

    Source: Iandola et al., SqueezeNet, arXiv 1602.07360; weights of torchvision.
    """

    name = "squeezenet1_1"
    weights = ("squeezenet1_1",)
    modules = ("torch", "torchvision")
    preprocessing = "rgb-pillow-bilinear256-crop224-imagenet"
    channels = IMAGENET

    def resized(self, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the centre of the frames, the shorter side at 256, `(n, 224, 224, 3)`."""
        return centre_crop(resize(images, 256, "bilinear"), 224)

    def architecture(self) -> Any:
        """Return the module with random weights."""
        torchvision, _ = import_torchvision()
        return torchvision.models.squeezenet1_1(weights=None)

    def forward(self, network: Any, pixels: Any) -> Any:
        """Return the pooled features, `(batch, 512)`."""
        return network.features(pixels).mean(dim=(2, 3))
