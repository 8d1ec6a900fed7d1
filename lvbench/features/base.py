"""The contract of an extractor: frames in, features out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lvbench.video.frames import Frames, Products

Arrays = dict[str, NDArray[Any]]
Sampling = Literal["frames", "pairs"]


@dataclass(frozen=True, slots=True)
class Features:
    """Hold what an extractor made of consecutive frames.

    Attributes:
        t: Seconds, float64 `(n,)`: the frame's time; for a pair, its second frame's.
        values: Arrays by name, each with first dimension `n` unless the extractor's docstring
            says otherwise.
    """

    t: NDArray[np.float64]
    values: Mapping[str, NDArray[Any]]

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.values[name]


@dataclass(frozen=True, slots=True)
class ExtractorSpec:
    """Say everything about an extractor that can move a number.

    Attributes:
        name: Registry name.
        version: Raised whenever the same frames would give other features.
        products: The pictures that it reads.
        preprocessing: Identifier of what happens between decoder and network.
        sampling: `frames` (each frame once) or `pairs` (consecutive frames).
        batch: Frames or pairs in one call; the last call of a video may hold fewer.
        parameters: Values that the protocol set.
        weights_sha256: Checksum of the weights; None for a classical algorithm.
    """

    name: str
    version: int
    products: Products
    preprocessing: str
    sampling: Sampling = "frames"
    batch: int = 8
    parameters: Mapping[str, float | int | str] = field(default_factory=dict)
    weights_sha256: str | None = None

    def identity(self) -> dict[str, Any]:
        """Return the spec as plain JSON, for the identity hash."""
        return {
            "name": self.name,
            "version": self.version,
            "preprocessing": self.preprocessing,
            "sampling": self.sampling,
            "batch": self.batch,
            "parameters": dict(self.parameters),
            "weights": self.weights_sha256,
        }


class Extractor(ABC):
    """Turn frames into features; stateless but for what `start` returns."""

    spec: ExtractorSpec

    @abstractmethod
    def __call__(self, frames: Frames) -> Arrays:
        """Return arrays for `n` frames (sampling `frames`) or `n` pairs of `n + 1` frames."""

    def start(self, fps: float | None) -> Callable[[Frames], Features]:
        """Return the function that one video's frames are fed through, in order.

        The default knows no past. A detector that needs one overrides this and may return
        features whose times are not the frames' times.
        """

        def extract(frames: Frames) -> Features:
            t = frames.pts[1:] if self.spec.sampling == "pairs" else frames.pts
            return Features(t, self(frames))

        return extract
