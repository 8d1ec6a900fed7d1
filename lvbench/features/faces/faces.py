"""Faces in a frame: detected by YuNet, aligned, embedded by MobileFaceNet or SFace."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import WeightsError
from lvbench.features.base import Arrays, ExtractorSpec, reduced_by_area
from lvbench.features.network import NetworkExtractor
from lvbench.video.frames import Frames, Products

MOST_FACES = 8
"""Faces of a frame that are kept: those with the highest scores."""
CROP = 112
"""Side of an aligned face in pixels."""

# Eyes, tip of the nose, corners of the mouth, the image's left first: ArcFace's template.
_TEMPLATE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655],
     [70.7299, 92.2041]]
)  # fmt: skip
# ImageNet's, as the weights of MobileFaceNet were trained.
_MEAN = np.array([0.485, 0.456, 0.406])
_DEVIATION = np.array([0.229, 0.224, 0.225])
_SUPPRESSION = 0.3  # intersection over union from which YuNet drops the weaker of two boxes

Image = NDArray[np.uint8]
Rows = NDArray[np.float32]


class FaceDetector:
    """YuNet, through OpenCV.

    Args:
        path: The ONNX file.
        confidence: Smallest score of a face.

    Raises:
        WeightsError: OpenCV cannot read the file (`weights_unreadable`).
    """

    def __init__(self, path: Path, confidence: float) -> None:
        import cv2

        self._network = read_with_opencv(
            path,
            lambda: cv2.FaceDetectorYN.create(str(path), "", (320, 320), confidence, _SUPPRESSION),
        )

    def __call__(self, rgb: Image, smallest: int = 0) -> Rows:
        """Return the faces of one picture, by falling score.

        Args:
            rgb: `uint8 (H, W, 3)`.
            smallest: Shorter side of a face's box in pixels, at least.

        Returns:
            float32 `(k, 15)`, at most `MOST_FACES`: left, top, width, height of the box, x and y
            of five landmarks, score; in pixels.
        """
        import cv2

        self._network.setInputSize((rgb.shape[1], rgb.shape[0]))
        _, found = self._network.detect(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
        if found is None:
            return np.empty((0, 15), np.float32)
        rows = np.asarray(found, np.float32)
        rows = rows[rows[:, 2:4].min(axis=1) >= smallest]
        best: Rows = rows[np.argsort(-rows[:, 14], kind="stable")[:MOST_FACES]]
        return best


class FaceNetworks(NamedTuple):
    """The networks of a face extractor; a recogniser only where it embeds."""

    detector: FaceDetector
    recogniser: Any = None


class FaceExtractor(NetworkExtractor):
    """Detect the faces of a frame; a subclass may embed them.

    Values: `count`, int64 `(n,)`; `box`, float32 `(n, 8, 4)`: left, top, right and bottom as
    fractions of width and height, which may be outside the picture; `score`, float32 `(n, 8)`,
    falling; with a subclass that embeds, `embedding`, float32 `(n, 8, d)`, of no fixed length.
    Rows past `count` are 0.

    Args:
        rate: Frames per second that are read; 0 for every frame.
        longest: Longest side in pixels of the picture that is searched; a larger one is reduced.
        confidence: Smallest score of a face.
        smallest: Shorter side of a face's box, in pixels of that picture, at least: smaller ones
            have too little detail to distinguish people.
    """

    name: ClassVar[str]
    aligned: ClassVar[str] = ""
    dimensions: ClassVar[int] = 0
    weights: tuple[str, ...] = ("yunet",)
    modules: tuple[str, ...] = ("cv2",)

    def __init__(
        self,
        rate: float = 2.0,
        longest: int = 1280,
        confidence: float = 0.7,
        smallest: int = 40,
    ) -> None:
        self.spec = ExtractorSpec(
            self.name,
            1,
            Products(rgb=True),
            preprocessing=f"rgb-area-yunet{self.aligned}",
            # Pictures are searched one by one; a wider block would only pad the last one.
            batch=1,
            rate=rate or None,
            parameters={
                "rate": rate,
                "longest": longest,
                "confidence": confidence,
                "smallest": smallest,
            },
        )
        self._longest, self._confidence, self._smallest = longest, confidence, smallest

    def load(self, files: dict[str, Path], device: str) -> FaceNetworks:
        """Return the networks; they run on the CPU whatever the device, on one thread.

        Raises:
            WeightsError: A file is no network that its runtime can read (`weights_unreadable`).
        """
        return FaceNetworks(FaceDetector(files["yunet"], self._confidence))

    def pixels(self, frames: Frames) -> NDArray[Any]:
        """Return RGB of at most the longest side, `uint8 (n, h, w, 3)`."""
        assert frames.rgb is not None
        return reduced_by_area(frames.rgb, self._longest)

    def encode(self, batch: NDArray[Any]) -> Arrays:
        """Return the faces of every picture."""
        arrays: Arrays = {
            "count": np.zeros(len(batch), np.int64),
            "box": np.zeros((len(batch), MOST_FACES, 4), np.float32),
            "score": np.zeros((len(batch), MOST_FACES), np.float32),
        }
        if self.dimensions:
            shape = (len(batch), MOST_FACES, self.dimensions)
            arrays["embedding"] = np.zeros(shape, np.float32)
        for i, rgb in enumerate(batch):
            rows = self.network.detector(rgb, self._smallest)
            k = len(rows)
            size = np.array(rgb.shape[1::-1] * 2, np.float32)
            corners = np.concatenate([rows[:, :2], rows[:, :2] + rows[:, 2:4]], axis=1)
            arrays["count"][i] = k
            arrays["box"][i, :k] = corners / size
            arrays["score"][i, :k] = rows[:, 14]
            if self.dimensions:
                for j, row in enumerate(rows):
                    arrays["embedding"][i, j] = self.embed(rgb, row)
        return arrays

    def embed(self, rgb: Image, row: Rows) -> NDArray[np.float32]:
        """Return the embedding `(dimensions,)` of one detected face; empty for a detector alone."""
        return np.empty(0, np.float32)


class YuNet(FaceExtractor):
    """Detect the faces of a frame, without embeddings; parameters and values: `FaceExtractor`.

    Source:
        Wu, Peng and Yu, YuNet, Machine Intelligence Research 20 (2023), 656-665;
        cv2.FaceDetectorYN.
    """

    name = "yunet"


class SFace(FaceExtractor):
    """Detect the faces of a frame and embed each; parameters and values: `FaceExtractor`.

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


class MobileFaceNet(FaceExtractor):
    """Detect the faces of a frame and embed each; parameters and values: `FaceExtractor`.

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


def align(rgb: Image, row: Rows) -> Image:
    """Return a face with its landmarks on ArcFace's template, `uint8 (112, 112, 3)`.

    Args:
        rgb: The picture, `uint8 (H, W, 3)`.
        row: The detector's row, float32 `(15,)`.

    Source:
        Deng et al., ArcFace, CVPR 2019 (template); least squares over rotation, scale and shift
        as in Umeyama, IEEE TPAMI 13 (1991), 376-380, which in the plane is linear.
    """
    import cv2

    matrix = similarity_transform(row[4:14].reshape(5, 2).astype(np.float64), _TEMPLATE)
    aligned: Image = np.asarray(cv2.warpAffine(rgb, matrix, (CROP, CROP)), np.uint8)
    return aligned


def similarity_transform(
    points: NDArray[np.float64], onto: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the rotation, scale and shift, `(2, 3)`, that carry points onto others.

    Args:
        points: `(n, 2)`, not all the same.
        onto: `(n, 2)`.
    """
    source, target = points @ [1, 1j], onto @ [1, 1j]
    centred = source - source.mean()
    turn = np.vdot(centred, target - target.mean()) / np.vdot(centred, centred)
    shift = target.mean() - turn * source.mean()
    return np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])


def read_with_opencv(path: Path, create: Any) -> Any:
    """Return the result of `create()` on a file.

    Raises:
        WeightsError: OpenCV cannot read it (`weights_unreadable`).
    """
    import cv2

    logging = cv2.utils.logging
    level = logging.getLogLevel()
    # OpenCV 5 warns about its own default at every creation.
    logging.setLogLevel(logging.LOG_LEVEL_ERROR)
    try:
        return create()
    except cv2.error as error:
        raise WeightsError(
            "read a network",
            found=str(error).strip().splitlines()[-1],
            where=str(path),
            fix="fetch it again with 'lvbench weights pull NAME'",
            code="weights_unreadable",
        ) from error
    finally:
        logging.setLogLevel(level)
