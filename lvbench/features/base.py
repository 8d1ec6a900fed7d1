"""The contract of an extractor: frames in, features out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lvbench.video.frames import Frames, Products

Arrays = dict[str, NDArray[Any]]
Sampling = Literal["frames", "pairs", "windows"]


@dataclass(frozen=True, slots=True)
class Features:
    """Hold an extractor's arrays of consecutive frames.

    Attributes:
        t: Seconds, float64 `(n,)`: the frame's time; for a pair, its second frame's; for a
            window, the middle of its first and last frame.
        values: Arrays by name, each with first dimension `n` unless the extractor's docstring
            states otherwise.
    """

    t: NDArray[np.float64]
    values: Mapping[str, NDArray[Any]]

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.values[name]


@dataclass(frozen=True, slots=True)
class Windows:
    """Describe the windows of frames that a video is cut into.

    Attributes:
        length: Frames in a window.
        start: Seconds at which the first window begins.
        every: Seconds from the beginning of one window to that of the next; None for back to
            back.
        most: Windows of one video at most; 0 for as many as fit.
    """

    length: int
    start: float = 0.0
    every: float | None = None
    most: int = 0


@dataclass(frozen=True, slots=True)
class ExtractorSpec:
    """State everything about an extractor that can change a number.

    Attributes:
        name: Registry name.
        version: Raised whenever the same frames would give other features.
        products: The pictures that it reads.
        preprocessing: Identifier of the steps between decoder and network.
        sampling: `frames` (each frame once), `pairs` (consecutive frames) or `windows`.
        batch: Frames, pairs or windows in one call; the last call of a video may have fewer.
        parameters: Values that the protocol set.
        weights_sha256: Checksum of the weights (several joined by `+`); None for a classical
            algorithm, and while the file has not been found.
        rate: Frames per second that are taken, before pairs or windows are made of them: the
            picture shown at each multiple of `1 / rate`; None for every frame.
        windows: Which windows, for that sampling.
        keeps: Arrays that are kept per video, in a file next to its record, for metrics of sets.
        coded: Whether it reads every frame of the file at its own time, as a published metric
            does; others read the distinct pictures (see `lvbench.video.timing.presentation`).
    """

    name: str
    version: int
    products: Products
    preprocessing: str
    sampling: Sampling = "frames"
    batch: int = 8
    parameters: Mapping[str, float | int | str] = field(default_factory=dict)
    weights_sha256: str | None = None
    rate: float | None = None
    windows: Windows | None = None
    keeps: tuple[str, ...] = ()
    coded: bool = False

    def identity(self) -> dict[str, Any]:
        """Return the spec as plain JSON, for the identity hash."""
        return {
            "name": self.name,
            "version": self.version,
            "preprocessing": self.preprocessing,
            "sampling": self.sampling,
            "rate": self.rate,
            "windows": None if self.windows is None else asdict(self.windows),
            "batch": self.batch,
            "parameters": dict(self.parameters),
            "weights": self.weights_sha256,
        }


class Extraction(ABC):
    """The extraction of one video, by an extractor that also acts at its end."""

    @abstractmethod
    def __call__(self, frames: Frames) -> Features:
        """Return features of this block or of earlier ones; maybe none."""

    @abstractmethod
    def finish(self) -> Features:
        """Return the remaining features, after the last block."""

    @abstractmethod
    def close(self) -> None:
        """Release all resources, also half way through a video; harmless when called again."""


class Extractor(ABC):
    """Turn frames into features; stateless but for what `start` returns.

    Attributes:
        threads: Threads that it may use for one block; they change no bit.
    """

    spec: ExtractorSpec
    threads: int = 1

    def require(self) -> None:
        """Raise an error if a dependency is not installed; most extractors have none.

        Raises:
            MissingDependencyError: An extra is missing.
        """
        return

    @abstractmethod
    def __call__(self, frames: Frames) -> Arrays:
        """Return arrays for `n` frames, `n` pairs of `n + 1` frames, or `n` windows laid end to
        end.
        """  # noqa: D205

    def prepare(self, frames: Frames) -> Frames:
        """Return these frames as blocks buffer them, reduced to what the extractor reads.

        It works on each frame alone: the number of frames in a call changes no bit.
        """
        return frames

    def start(self, fps: float | None, prompts: Sequence[str] = ()) -> Callable[[Frames], Features]:
        """Return the function that takes one video's blocks, in order.

        The default keeps no state. A detector that needs state overrides this and may return
        features at other times than the frames'; one with features at the end of the video
        returns an `Extraction`.

        Args:
            fps: Usual number of pictures per second; of coded frames where the spec states `coded`.
            prompts: Texts of the video's prompt schedule, in order.
        """

        def extract(frames: Frames) -> Features:
            return Features(self.times(frames), self(frames))

        return extract

    def times(self, frames: Frames) -> NDArray[np.float64]:
        """Return the time of each frame, pair or window of a block."""
        if self.spec.sampling == "pairs":
            return frames.pts[1:]
        if self.spec.windows is not None:
            ends = frames.pts.reshape(-1, self.spec.windows.length)
            return np.asarray((ends[:, 0] + ends[:, -1]) / 2)
        return frames.pts


def sampled_rate(rate: float) -> float | None:
    """Return the rate of a spec for a parameter `rate` in Hz, in which 0 is every frame.

    Raises:
        ValueError: It is negative or not finite.
    """
    if not 0 <= rate < float("inf"):
        raise ValueError(f"rate must be 0 (every frame) or frames per second, not {rate}")
    return rate or None


def reduced_by_area(images: NDArray[np.uint8], longest: int) -> NDArray[np.uint8]:
    """Return images `uint8 (n, h, w, ...)` with no side above `longest` pixels, never enlarged."""
    import cv2

    height, width = images.shape[1:3]
    scale = longest / max(height, width)
    if scale >= 1:
        return images
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.stack([cv2.resize(image, size, interpolation=cv2.INTER_AREA) for image in images])
