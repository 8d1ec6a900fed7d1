"""Faces by YuNet, embedded by SFace, both through OpenCV."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lvbench.features.faces.faces import FaceExtractor, FaceNetworks, Image, Rows, read_with_opencv


class SFace(FaceExtractor):
    """Find the faces of a frame and embed each; parameters and values: `FaceExtractor`.

    Alignment and preprocessing are OpenCV's (`alignCrop`, `feature`).

    Source:
        Zhong et al., SFace, IEEE TIP 30 (2021), 2587-2598; cv2.FaceRecognizerSF.
    """

    name = "sface"
    aligned = "-aligncrop112"
    weights = ("yunet", "sface")
    dimensions = 128

    def load(self, files: dict[str, Path], device: str) -> FaceNetworks:
        """Return the networks, on the CPU."""
        import cv2

        path = files["sface"]
        recogniser = read_with_opencv(path, lambda: cv2.FaceRecognizerSF.create(str(path), ""))
        return super().load(files, device)._replace(recogniser=recogniser)

    def embed(self, rgb: Image, row: Rows) -> NDArray[np.float32]:
        """Return the embedding `(128,)` of one detected face."""
        import cv2

        recogniser = self.network.recogniser
        aligned = recogniser.alignCrop(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), row)
        return np.asarray(recogniser.feature(aligned), np.float32).ravel()
