"""VBench-Long's tables, as extractors: a metric opens no file, and its identity names the table."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import WeightsError
from lvbench.features.base import Arrays, ExtractorSpec, Windows
from lvbench.features.network import NetworkExtractor
from lvbench.video.frames import Frames, Products


class _QuantileMap(NetworkExtractor):
    """Emit a table once per video, with its first frame, of which it sees no pixel.

    Values: `map`, float64 `(1, n, 2)`: score and mapped score, scores increasing.

    Source: Vchitect/VBench, vbench2_beta_long/configs (45e79ec).
    """

    modules = ("yaml",)
    name: ClassVar[str]

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
        """Return the table of a file of lines `score: mapped`.

        Raises:
            WeightsError: The file holds no table of numbers (`weights_unreadable`).
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

    def pixels(self, frames: Frames) -> NDArray[Any]:
        """Return nothing of each frame."""
        return np.zeros((len(frames), 1), np.uint8)

    def encode(self, batch: NDArray[Any]) -> Arrays:
        """Return the table."""
        return {"map": self.network[None]}


class VbenchLongSubjectMap(_QuantileMap):
    """From clip-to-clip to within-clip subject consistency."""

    name = "vbench_long_subject_map"
    weights = ("vbench_long_subject_map",)


class VbenchLongBackgroundMap(_QuantileMap):
    """From clip-to-clip to within-clip background consistency."""

    name = "vbench_long_background_map"
    weights = ("vbench_long_background_map",)
