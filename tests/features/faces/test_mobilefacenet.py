"""MobileFaceNet tells people apart and knows one again."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.errors import WeightsError
from lvbench.features import load
from lvbench.features.faces.mobilefacenet import MobileFaceNet
from lvbench.video.decoding.decode import open_video
from lvbench.video.frames import Frames, Products

Image = NDArray[np.uint8]


def embedded(assets: Path, picture: Image) -> NDArray[np.float64]:
    """Return the embeddings of a picture's faces, from left to right, of length 1."""
    extractor = load("mobilefacenet", weights=assets / "assets")
    found = extractor(Frames(np.zeros(1), rgb=picture[None]))
    k = int(found["count"][0])
    assert not found["embedding"][0, k:].any()
    rows = found["embedding"][0, :k][np.argsort(found["box"][0, :k, 0])].astype(np.float64)
    unit: NDArray[np.float64] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


@pytest.mark.assets
def test_a_face_stays_itself_and_is_nobody_else(assets: Path, videos: Path) -> None:
    bgr = cv2.imread(str(assets / "assets" / "images" / "astronaut.png"))
    assert bgr is not None
    picture = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)
    (she,) = embedded(assets, picture)
    variants = (picture[:, ::-1], cv2.GaussianBlur(picture, (0, 0), 2), picture // 2)
    for variant in variants:
        (again,) = embedded(assets, np.ascontiguousarray(variant, np.uint8))
        assert she @ again > 0.6
    with open_video(videos / "ltx2_with_audio.mp4", Products(rgb=True)) as reader:
        first = next(iter(reader)).rgb
    assert first is not None
    man, woman = embedded(assets, first[0])
    assert max(man @ woman, she @ man, she @ woman) < 0.3


def test_a_file_that_is_no_network_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.onnx"
    path.write_bytes(b"not a network")
    with pytest.raises(WeightsError, match=r"broken\.onnx") as caught:
        MobileFaceNet().load({"yunet": path, "mobilefacenet": path}, "cpu")
    assert caught.value.code == "weights_unreadable"
