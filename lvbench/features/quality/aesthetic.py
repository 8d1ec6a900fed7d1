"""LAION's aesthetic heads, as extractors: a metric opens no file, and its identity names the head.

CLIP itself is not run again: the head is applied to the vectors that all other metrics read.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import WeightsError
from lvbench.features.base import Arrays, ExtractorSpec, Windows
from lvbench.features.network import NetworkExtractor
from lvbench.video.frames import Frames, Products
from lvbench.weights.checkpoint import read_tensors


class _AestheticHead(NetworkExtractor):
    """Emit a linear head once per video, with its first frame, of which it sees no pixel.

    Values: `head`, float64 `(1, d + 1)`: the weights of a unit vector's `d` numbers, then the
    bias.

    Source: LAION-AI/aesthetic-predictor (6d122ad).
    """

    modules = ("torch",)
    name: ClassVar[str]
    dimensions: ClassVar[int]

    def __init__(self) -> None:
        self.spec = ExtractorSpec(
            self.name,
            1,
            Products(),
            "none",
            sampling="windows",
            batch=1,
            windows=Windows(length=1, most=1),
        )

    def load(self, files: dict[str, Path], device: str) -> NDArray[np.float64]:
        """Return the head, `(d + 1,)`.

        Raises:
            WeightsError: The file holds another head (`weights_mismatch`).
        """
        (path,) = files.values()
        found = read_tensors(path)
        shapes = {name: tuple(tensor.shape) for name, tensor in found.items()}
        if shapes != {"weight": (1, self.dimensions), "bias": (1,)}:
            raise WeightsError(
                f"load the head '{self.name}'",
                found=f"tensors {shapes}",
                where=str(path),
                fix="give the file that the catalogue names: 'lvbench weights list'",
                code="weights_mismatch",
            )
        parts = [found[name].double().numpy().ravel() for name in ("weight", "bias")]
        return np.concatenate(parts)

    def pixels(self, frames: Frames) -> NDArray[Any]:
        """Return nothing of each frame."""
        return np.zeros((len(frames), 1), np.uint8)

    def encode(self, batch: NDArray[Any]) -> Arrays:
        """Return the head."""
        return {"head": self.network[None]}


class AestheticBase(_AestheticHead):
    """For CLIP ViT-B/32."""

    name = "aesthetic_vit_b_32"
    weights = ("aesthetic_vit_b_32",)
    dimensions = 512


class AestheticLarge(_AestheticHead):
    """For CLIP ViT-L/14."""

    name = "aesthetic_vit_l_14"
    weights = ("aesthetic_vit_l_14",)
    dimensions = 768
