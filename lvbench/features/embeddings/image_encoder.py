"""The base of all image encoders: one vector per sampled frame."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Arrays, ExtractorSpec, sampled_rate
from lvbench.features.embeddings.image_preprocessing import Channels, to_tensor
from lvbench.features.network import TorchExtractor
from lvbench.video.frames import Frames, Products


class ImageEncoder(TorchExtractor):
    """Encode sampled frames of full-resolution RGB.

    Values: `image`, float32 `(n, d)`, as the network gives it, not normalised.

    Args:
        rate: Frames per second that are taken; 0 for every frame.

    Attributes:
        name: Registry name.
        preprocessing: Identifier of its preprocessing.
        channels: Mean and deviation of the normalisation.
        batch: Frames in one call.
        coded: Whether it reads the frames as coded, as VBench does.
    """

    name: ClassVar[str]
    preprocessing: ClassVar[str]
    channels: ClassVar[Channels]
    batch: ClassVar[int] = 8
    coded: ClassVar[bool] = False

    def __init__(self, rate: float = 2.0) -> None:
        self.spec = ExtractorSpec(
            self.name,
            1,
            Products(rgb=True),
            self.preprocessing,
            batch=self.batch,
            parameters={"rate": rate},
            rate=sampled_rate(rate),
            coded=self.coded,
        )

    def pixels(self, frames: Frames) -> NDArray[Any]:
        """Return the resized frames, levels `(n, h, w, 3)`; `encode` normalises them."""
        assert frames.rgb is not None
        return self.resized(frames.rgb)

    @abstractmethod
    def resized(self, images: NDArray[np.uint8]) -> NDArray[Any]:
        """Return levels `(n, H, W, 3)`, uint8 or float32, at the size that the network reads."""

    @abstractmethod
    def forward(self, network: Any, pixels: Any) -> Any:
        """Return the vectors `(batch, d)` of normalised float32 pixels `(batch, 3, h, w)`."""

    def encode(self, batch: NDArray[Any]) -> Arrays:
        """Return the vectors of one batch of resized frames."""
        import torch

        network = self.network
        with torch.inference_mode():
            vectors = self.forward(network, to_tensor(batch, self.channels, self.device))
        return {"image": vectors.float().cpu().numpy()}


class LocalEncoder(ImageEncoder):
    """An image encoder that has inner maps.

    Attributes:
        cell: Pixels of a cell of its finest inner map.
    """

    cell: ClassVar[int]

    @abstractmethod
    def local(self, network: Any, pixels: Any) -> list[Any]:
        """Return inner maps `(batch, d, h, w)` of normalised pixels, the finest first."""
