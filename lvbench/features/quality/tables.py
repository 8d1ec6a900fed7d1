"""LAION's aesthetic heads and VBench-Long's tables, as extractors.

So a metric opens no file, and its identity names the head or the table. CLIP itself is not run
again: a head is applied to the vectors that all other metrics read.
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


class _Table(NetworkExtractor):
    """Emit one array once per video, with its first frame, whose pixels it does not read.

    Attributes:
        name: Registry name.
        array: Name of the array.
    """

    name: ClassVar[str]
    array: ClassVar[str]

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

    def pixels(self, frames: Frames) -> NDArray[Any]:
        """Return an empty picture for each frame."""
        return np.zeros((len(frames), 1), np.uint8)

    def encode(self, batch: NDArray[Any]) -> Arrays:
        """Return the array."""
        return {self.array: self.network[None]}


class _AestheticHead(_Table):
    """Emit a linear head.

    Values: `head`, float64 `(1, d + 1)`: the weights of a unit vector's `d` numbers, then the
    bias.

    Source: LAION-AI/aesthetic-predictor (6d122ad).
    """

    modules = ("torch",)
    array = "head"
    dimensions: ClassVar[int]

    def load(self, files: dict[str, Path], device: str) -> NDArray[np.float64]:
        """Return the head, `(d + 1,)`.

        Raises:
            WeightsError: The file has another head (`weights_mismatch`).
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


class _QuantileMap(_Table):
    """Emit a table of scores.

    Values: `map`, float64 `(1, n, 2)`: score and mapped score, scores increasing.

    Source: Vchitect/VBench, vbench2_beta_long/configs (45e79ec).
    """

    modules = ("yaml",)
    array = "map"

    def load(self, files: dict[str, Path], device: str) -> NDArray[np.float64]:
        """Return the table of a file of lines `score: mapped`.

        Raises:
            WeightsError: The file has no table of numbers (`weights_unreadable`).
        """
        from lvbench.plain_yaml import read_yaml

        (path,) = files.values()
        try:
            rows = read_yaml(path)
            table = np.array(sorted((float(k), float(v)) for k, v in rows.items()))
            if table.ndim != 2 or not np.isfinite(table).all():
                raise ValueError("no rows of two finite numbers")
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise WeightsError(
                "read a table of scores",
                found=f"{type(error).__name__}: {error}",
                where=str(path),
                fix="take it out of weights.yaml: the published table ships with lvbench",
                code="weights_unreadable",
            ) from error
        return table


class VbenchLongSubjectMap(_QuantileMap):
    """From clip-to-clip to within-clip subject consistency."""

    name = "vbench_long_subject_map"
    weights = ("vbench_long_subject_map",)


class VbenchLongBackgroundMap(_QuantileMap):
    """From clip-to-clip to within-clip background consistency."""

    name = "vbench_long_background_map"
    weights = ("vbench_long_background_map",)
