"""Faces: YuNet decoded by hand, alignment beside OpenCV's, MobileFaceNet's golden vector."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from lvbench.features import load
from lvbench.features.faces.faces import align
from tests.parity.case import Case
from tests.seeded import read_bgr

LANDMARKS = ("right eye", "left eye", "nose", "right mouth corner", "left mouth corner")


def cases(root: Path) -> list[Case]:
    """Return all cases; `root` holds assets/."""
    files = root / "assets"
    index = {entry["name"]: entry for entry in json.loads((files / "index.json").read_text())}
    bgr = read_bgr(files / "images" / "astronaut.png")
    assert bgr is not None
    detected = _detections(files, index["yunet"], np.asarray(bgr, np.uint8))
    return [*detected, *_alignment(files, np.asarray(bgr, np.uint8)), *_embedding(files, index)]


def _detections(files: Path, entry: dict[str, Any], bgr: NDArray[np.uint8]) -> list[Case]:
    """Compare every number of a detection with the published decoding of the raw outputs."""
    theirs = _decoded(files / entry["file"], bgr)
    (ours,) = load("yunet", weights=files).network.detector(_rgb(bgr))  # type: ignore[attr-defined]
    names = ["left", "top", "width", "height"]
    names += [f"{mark}, {axis}" for mark in LANDMARKS for axis in "xy"]
    return [
        Case(
            f"YuNet on astronaut.png: {name}",
            float(our),
            float(their),
            1e-4,
            "raw outputs by onnxruntime, decoded as in opencv_zoo's face_detection_yunet",
        )
        for name, our, their in zip([*names, "score"], ours, theirs, strict=True)
    ]


def _decoded(path: Path, bgr: NDArray[np.uint8]) -> list[float]:
    """Return the best face, `(15,)`, from YuNet's raw outputs."""
    height, width = bgr.shape[:2]
    pixels = np.zeros((1, 3, -(-height // 32) * 32, -(-width // 32) * 32), np.float32)
    pixels[0, :, :height, :width] = bgr.transpose(2, 0, 1)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    raw = dict(zip(names, session.run(None, {session.get_inputs()[0].name: pixels}), strict=True))
    found = []
    for stride in (8, 16, 32):
        cls, obj, box, marks = (raw[f"{k}_{stride}"][0] for k in ("cls", "obj", "bbox", "kps"))
        score = np.sqrt(cls[:, 0].clip(0, 1) * obj[:, 0].clip(0, 1))
        best = int(score.argmax())
        row, column = divmod(best, pixels.shape[3] // stride)
        cell = np.array([column, row])
        centre = (cell + box[best, :2]) * stride
        size = np.exp(box[best, 2:]) * stride
        points = (cell + marks[best].reshape(5, 2)) * stride
        found.append([*(centre - size / 2), *size, *points.ravel(), score[best]])
    return max(found, key=lambda face: face[-1])


def _alignment(files: Path, bgr: NDArray[np.uint8]) -> list[Case]:
    rgb = _rgb(bgr)
    (row,) = load("yunet", weights=files).network.detector(rgb)  # type: ignore[attr-defined]
    path = str(files / "faces" / "MobileFaceNet.onnx")
    theirs = np.asarray(cv2.FaceRecognizerSF.create(path, "").alignCrop(bgr, row), np.float64)
    ours = align(rgb, row)[..., ::-1].astype(np.float64)
    source = "cv2.FaceRecognizerSF.alignCrop, astronaut.png"
    return [
        Case("aligned face: norm of all levels", _norm(ours), _norm(theirs), 1e-4, source),
        Case(
            "aligned face: mean absolute difference in levels",
            float(np.abs(ours - theirs).mean()),
            0.0,
            1e-2,
            source,
            "levels are whole numbers: a few pixels in a thousand are rounded the other way",
        ),
    ]


def _embedding(files: Path, index: dict[str, Any]) -> list[Case]:
    golden = index["mobilefacenet"]["golden"]["outputs"][0]
    noise = np.random.RandomState(0).rand(1, 3, 112, 112).astype(np.float32) * 255
    session = load("mobilefacenet", weights=files).network.recogniser  # type: ignore[attr-defined]
    (output,) = session.run(None, {"input0": ((noise - 127.5) / 128).astype(np.float32)})
    source = "index.json: golden outputs of MobileFaceNet.onnx"
    first = [
        Case(f"MobileFaceNet on seeded noise: output {i}", float(ours), theirs, 1e-4, source)
        for i, (ours, theirs) in enumerate(zip(output[0], golden["first8"], strict=False))
    ]
    norm = Case("MobileFaceNet on seeded noise: norm", _norm(output), golden["norm"], 1e-4, source)
    return [*first, norm]


def _rgb(bgr: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(bgr[..., ::-1])


def _norm(array: NDArray[Any]) -> float:
    return float(np.linalg.norm(array.astype(np.float64)))
