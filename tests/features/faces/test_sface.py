"""SFace runs through OpenCV; its own weights are not at hand, another network's stand in."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from lvbench.errors import WeightsError
from lvbench.features import load
from lvbench.features.faces.sface import SFace
from lvbench.video.frames import Frames
from lvbench.weights.locate import Located


@pytest.mark.assets
def test_the_best_face_is_aligned_and_embedded_by_opencv(
    assets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = assets / "assets" / "faces"
    files = {
        "yunet": folder / "face_detection_yunet.onnx",
        # Any network of 112 by 112 pixels; SFace's is 39 MB.
        "sface": folder / "MobileFaceNet.onnx",
    }
    monkeypatch.setattr(
        "lvbench.features.network.locate", lambda name, source: Located(files[name], name)
    )
    bgr = cv2.imread(str(assets / "assets" / "images" / "astronaut.png"))
    assert bgr is not None
    rgb = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)
    found = load("sface")(Frames(np.zeros(1), rgb=rgb[None]))
    assert found["count"].tolist() == [1]
    assert found["embedding"].shape == (1, 8, 128)
    detector = cv2.FaceDetectorYN.create(str(files["yunet"]), "", (512, 512), 0.7)
    recogniser = cv2.FaceRecognizerSF.create(str(files["sface"]), "")
    rows = detector.detect(bgr)[1]
    theirs = recogniser.feature(recogniser.alignCrop(bgr, rows[0]))[0]
    np.testing.assert_allclose(found["embedding"][0, 0], theirs, rtol=1e-4, atol=1e-5)
    assert not found["embedding"][0, 1:].any()


def test_without_its_weights_the_error_says_how_to_get_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LVBENCH_HOME", str(tmp_path))
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    (tmp_path / "empty").mkdir()
    with pytest.raises(WeightsError, match="weights pull"):
        load("sface", weights=tmp_path / "empty")


def test_a_file_that_is_no_network_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.onnx"
    path.write_bytes(b"not a network")
    with pytest.raises(WeightsError, match=r"broken\.onnx"):
        SFace().load({"yunet": path, "sface": path}, "cpu")
