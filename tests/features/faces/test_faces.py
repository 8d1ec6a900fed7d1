"""Faces are found where they are, at any size of picture, and aligned as recognition expects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.errors import WeightsError
from lvbench.features import load
from lvbench.features.base import Arrays
from lvbench.features.faces.faces import (
    MOST_FACES,
    FaceExtractor,
    MobileFaceNet,
    SFace,
    YuNet,
    align,
    similarity_transform,
)
from lvbench.features.network import NetworkExtractor
from lvbench.video.decoding.decode import open_video
from lvbench.video.frames import Frames, Products
from lvbench.weights.locate import Located
from tests.seeded import read_bgr

Image = NDArray[np.uint8]


@pytest.fixture(scope="module")
def astronaut(assets: Path) -> Image:
    bgr = read_bgr(assets / "assets" / "images" / "astronaut.png")
    assert bgr is not None
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)


def seen(assets: Path, *pictures: Image, **parameters: Any) -> Arrays:
    extractor = load("yunet", weights=assets / "assets", **parameters)
    parts = [extractor(Frames(np.zeros(1), rgb=picture[None])) for picture in pictures]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def test_a_similarity_is_recovered_from_the_points_that_it_moved() -> None:
    points = np.random.default_rng(0).uniform(0, 100, (5, 2))
    angle, scale, shift = 0.7, 1.8, np.array([12.0, -5.0])
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = similarity_transform(points, points @ turn.T + shift)
    np.testing.assert_allclose(matrix, np.column_stack([turn, shift]), atol=1e-9)


def test_a_face_is_aligned_the_same_however_the_picture_is_turned() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (200, 200, 3), np.uint8)
    picture = np.asarray(cv2.GaussianBlur(noise, (0, 0), 5), np.uint8)
    marks = np.array([[80, 90], [120, 90], [100, 112], [84, 135], [116, 135]], np.float32)
    row = np.concatenate([np.zeros(4), marks.ravel(), [0.9]]).astype(np.float32)
    turned = np.ascontiguousarray(np.rot90(picture))
    moved = np.column_stack([marks[:, 1], 199 - marks[:, 0]])
    turned_row = np.concatenate([np.zeros(4), moved.ravel(), [0.9]]).astype(np.float32)
    straight, again = align(picture, row).astype(int), align(turned, turned_row).astype(int)
    assert np.abs(straight - again).mean() < 1


@pytest.mark.assets
def test_the_astronaut_is_found_where_she_is(assets: Path, astronaut: Image) -> None:
    found = seen(assets, astronaut)
    assert found["count"].tolist() == [1]
    np.testing.assert_allclose(found["box"][0, 0] * 512, [178.2, 62.9, 268.1, 176.2], atol=0.1)
    assert found["score"][0, 0] == pytest.approx(0.9323, abs=1e-3)
    assert not found["box"][0, 1:].any()


@pytest.mark.assets
def test_a_large_picture_is_reduced_and_the_fractions_stay(assets: Path, astronaut: Image) -> None:
    large = np.asarray(cv2.resize(astronaut, (2048, 2048)), np.uint8)
    extractor = load("yunet", weights=assets / "assets")
    prepared = extractor.prepare(Frames(np.zeros(1), rgb=large[None])).prepared
    assert prepared is not None
    assert prepared.shape == (1, 1280, 1280, 3)
    here, there = seen(assets, astronaut), seen(assets, large)
    np.testing.assert_allclose(here["box"][0, 0], there["box"][0, 0], atol=0.01)


@pytest.mark.assets
def test_what_is_small_or_unsure_or_no_face_is_left_out(assets: Path, astronaut: Image) -> None:
    assert seen(assets, astronaut, smallest=200)["count"].tolist() == [0]
    assert seen(assets, astronaut, confidence=0.99)["count"].tolist() == [0]
    blank = np.zeros_like(astronaut)
    tiny = np.ascontiguousarray(astronaut[:17, :23])
    for nothing in (seen(assets, blank), seen(assets, tiny)):
        assert nothing["count"].tolist() == [0]
        assert not nothing["box"].any()
        assert not nothing["score"].any()


@pytest.mark.assets
def test_of_many_faces_the_surest_are_kept(assets: Path, astronaut: Image) -> None:
    face = astronaut[40:200, 150:300]
    crowd = np.tile(face, (3, 4, 1))
    found = seen(assets, crowd)
    assert found["count"].tolist() == [MOST_FACES]
    assert (np.diff(found["score"][0]) <= 0).all()
    assert found["score"].min() >= 0.7


@pytest.mark.assets
def test_a_picture_gives_the_same_bits_whatever_came_before(assets: Path, astronaut: Image) -> None:
    other = np.ascontiguousarray(astronaut[:300, ::-1])
    alone, after = seen(assets, astronaut), seen(assets, other, astronaut)
    for name in alone:
        assert np.array_equal(alone[name][0], after[name][1])


def test_parameters_are_part_of_the_spec() -> None:
    spec = YuNet(rate=0.0, longest=640).spec
    assert spec.rate is None
    assert spec.parameters["longest"] == 640
    assert YuNet().spec.identity() != spec.identity()
    assert isinstance(YuNet(), NetworkExtractor)


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
    bgr = read_bgr(assets / "assets" / "images" / "astronaut.png")
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
    bgr = read_bgr(assets / "assets" / "images" / "astronaut.png")
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


@pytest.mark.parametrize("extractor", [YuNet, SFace, MobileFaceNet])
def test_a_file_that_is_no_network_is_named(extractor: type[FaceExtractor], tmp_path: Path) -> None:
    path = tmp_path / "broken.onnx"
    path.write_bytes(b"not a network")
    with pytest.raises(WeightsError, match=r"broken\.onnx") as caught:
        extractor().load(dict.fromkeys(extractor.weights, path), "cpu")
    assert caught.value.code == "weights_unreadable"
