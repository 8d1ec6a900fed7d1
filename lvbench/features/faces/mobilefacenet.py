"""Faces by YuNet, embedded by MobileFaceNet through onnxruntime."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import WeightsError
from lvbench.features.faces.faces import FaceExtractor, FaceNetworks, Image, Rows, align

_MEAN = np.array([0.485, 0.456, 0.406])
_DEVIATION = np.array([0.229, 0.224, 0.225])


class MobileFaceNet(FaceExtractor):
    """Find the faces of a frame and embed each; parameters and values: `FaceExtractor`.

    A face is aligned to ArcFace's template in 112 by 112 pixels and normalised with ImageNet's
    mean and deviation, as the weights were trained.

    Source:
        Chen et al., MobileFaceNets, CCBR 2018; weights and preprocessing: foamliu/MobileFaceNet
        (`data_gen.py`), Apache-2.0, trained on MS-Celeb-1M.
    """

    name = "mobilefacenet"
    aligned = "-arcface112-imagenet"
    weights = ("yunet", "mobilefacenet")
    modules = ("cv2", "onnxruntime")
    dimensions = 128

    def load(self, files: dict[str, Path], device: str) -> FaceNetworks:
        """Return the networks; the recogniser: float32 `(1, 3, 112, 112)` to `(1, 128)`."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        path = files["mobilefacenet"]
        try:
            session = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            raise WeightsError(
                "read a network",
                found=f"{type(error).__name__}: {error}",
                where=str(path),
                fix="fetch it again with 'lvbench weights pull mobilefacenet'",
                code="weights_unreadable",
            ) from error
        return super().load(files, device)._replace(recogniser=session)

    def embed(self, rgb: Image, row: Rows) -> NDArray[np.float32]:
        """Return the embedding `(128,)` of one detected face."""
        scaled = (align(rgb, row) / 255.0 - _MEAN) / _DEVIATION
        pixels = scaled.transpose(2, 0, 1)[None].astype(np.float32)
        session = self.network.recogniser
        (embedding,) = session.run(None, {session.get_inputs()[0].name: pixels})
        return np.asarray(embedding, np.float32).ravel()
