from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.errors import ConfigError, WeightsError
from lvbench.features import load
from lvbench.features.base import Arrays, Extractor, Features
from lvbench.features.embeddings.subject import Subject, box_of
from lvbench.features.registry import build
from lvbench.features.stream import FeatureStream
from lvbench.video.decoding.decode import open_video
from lvbench.video.frames import Frames, Products
from tests.features.flow.test_moving_region import HEIGHT, SIZE, WALL, WIDTH, picture

FPS = 20.0
ROWS, COLUMNS = 16, 32


@pytest.fixture
def extractor(monkeypatch: pytest.MonkeyPatch) -> Subject:
    """Return an extractor whose encoder is the mean colour, for what the network has no part in."""
    made = Subject()

    def encode(batch: NDArray[Any]) -> Arrays:
        assert len(batch) == 8
        assert batch.dtype == np.uint8
        small = [cv2.resize(p, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA) for p in batch]
        return {"0": np.stack(small).astype(np.float32)}

    monkeypatch.setattr(made, "encode", encode)
    return made


def stream(extractor: Extractor, clip: NDArray[np.uint8], chunk: int = 16) -> Features:
    parts: list[Features] = []
    feed = FeatureStream({"subject": extractor}, FPS, lambda _, found: parts.append(found))
    for start in range(0, len(clip), chunk):
        rgb = clip[start : start + chunk]
        feed.push(Frames((start + np.arange(len(rgb))) / FPS, rgb=rgb))
    feed.finish()
    values = {name: np.concatenate([part[name] for part in parts]) for name in parts[0].values}
    return Features(np.concatenate([part.t for part in parts]), values)


def walk(seconds: float = 5.0, stops: float = 3.0) -> NDArray[np.uint8]:
    """A thing that goes 40 pixels per second to the right, and stops."""
    t = np.arange(int(seconds * FPS)) / FPS
    return np.stack([picture(20 + round(40 * min(now, stops))) for now in t])


def test_it_follows_what_moves_and_stops(extractor: Subject) -> None:
    found = stream(extractor, walk())
    np.testing.assert_allclose(found.t, np.arange(10) / 2 + 0.1)
    assert (found["count"] == 1).all()
    for t, box, score in zip(found.t, found["box"][:, 0], found["score"][:, 0], strict=True):
        left = (20 + 40 * min(t, 3.0)) / WIDTH
        wanted = (left, 40 / HEIGHT, left + SIZE / WIDTH, 80 / HEIGHT)
        # Motion tells the edges; flow over half a second, once it stands, is coarser.
        assert box == pytest.approx(wanted, abs=0.05 if t < 3 else 0.1)
        assert score == pytest.approx(SIZE * SIZE / WIDTH / HEIGHT, rel=0.4)
    assert (found["moving"][:5] > 0).all()
    assert not found["moving"][7:].any()
    assert not found["camera"].any()


def test_the_places_are_described_and_the_thing_is_marked_among_them(extractor: Subject) -> None:
    found = stream(extractor, walk())
    assert found["local"].shape == (10, ROWS, COLUMNS, 3)
    np.testing.assert_allclose(np.linalg.norm(found["local"], axis=-1), 1, atol=1e-5)
    for region, box in zip(found["region"], found["box"][:, 0], strict=True):
        row = np.average(np.arange(ROWS) + 0.5, weights=region.sum(axis=1)) / ROWS
        column = np.average(np.arange(COLUMNS) + 0.5, weights=region.sum(axis=0)) / COLUMNS
        assert column == pytest.approx((box[0] + box[2]) / 2, abs=0.08)
        assert row == pytest.approx((box[1] + box[3]) / 2, abs=0.08)
    inside = found["region"] > 0.9
    assert (found["hue"][inside][:, 0] > 0.5).all()  # It is red.
    assert found["moves"][:5].max() > 0.5


def test_the_vector_of_the_thing_is_its_own(extractor: Subject) -> None:
    vectors = stream(extractor, walk())["embedding"][:, 0]
    assert vectors.shape == (10, 2 * 3 + 4)
    assert (vectors @ vectors[0] > 0.95).all()


def test_chunks_and_blocks_move_no_bit(extractor: Subject) -> None:
    clip = walk()
    whole = stream(extractor, clip)
    for chunk in (1, 7):
        again = stream(extractor, clip, chunk)
        for name, values in whole.values.items():
            np.testing.assert_array_equal(values, again[name])


def test_a_camera_that_pans_is_no_subject_and_is_measured(extractor: Subject) -> None:
    clip = np.stack([WALL[:, 2 * i : 2 * i + WIDTH] for i in range(60)])
    found = stream(extractor, clip)
    assert not found["count"].any()
    assert not found["embedding"].any()
    speed = -2 * FPS / WIDTH
    assert found["camera"][:, 0] == pytest.approx(np.full(len(found.t), speed), abs=0.01)
    assert (found["explained"] > 0.8).all()


def test_a_block_alone_gives_the_same_arrays(extractor: Subject) -> None:
    clip = walk(2.0)[::2]
    frames = Frames(np.arange(3) * 0.1, rgb=clip[:3])
    found = extractor(frames)
    assert found["count"].shape == (1,)
    assert found["local"].shape == (1, ROWS, COLUMNS, 3)


def test_the_box_of_a_region() -> None:
    region = np.zeros((50, 100), np.bool_)
    region[0:20, 10:20] = True
    assert box_of(region) == (0.1, 0.0, 0.2, 0.4)


@pytest.mark.parametrize(
    "parameters", [{"encoder": "dis"}, {"encoder": "clip_vit_b_32"}, {"rate": 0.0}, {"rate": 9.0}]
)
def test_wrong_parameters_are_refused(parameters: dict[str, Any]) -> None:
    with pytest.raises(ConfigError) as caught:
        build("subject", parameters)
    assert "mobilenet_v2" in caught.value.fix


def test_its_weights_are_the_encoders(tmp_path: Path) -> None:
    made = build("subject", {"encoder": "squeezenet1_1"})
    assert isinstance(made, Subject)
    assert made.weights == ("squeezenet1_1",)
    assert made.spec.identity()["parameters"]["encoder"] == "squeezenet1_1"
    with pytest.raises(WeightsError):
        load("subject", weights=tmp_path, encoder="squeezenet1_1")
    # Its own encoder's weights ship with lvbench.
    assert load("subject", weights=tmp_path).spec.weights_sha256


@pytest.mark.assets
def test_a_person_who_walks_in_is_found_and_an_empty_room_is_empty(
    videos: Path, assets: Path
) -> None:
    made = load("subject", weights=assets / "assets")
    assert made.spec.weights_sha256
    parts = []
    with open_video(
        videos / "intel_one-by-one-person-detection.mp4", Products(small=384)
    ) as reader:
        feed = FeatureStream({"subject": made}, 10.0, lambda _, found: parts.append(found))
        for chunk in reader:
            feed.push(Frames(chunk.pts, rgb=chunk.small))
            if chunk.pts[-1] > 9:
                break
        feed.finish()
    t = np.concatenate([part.t for part in parts])
    count = np.concatenate([part["count"] for part in parts])
    assert not count[t < 5.5].any()
    assert count[t > 6.5].all()
    assert parts[0]["local"].shape[1:] == (32, 56, 64)
    assert parts[0]["places"].shape[1:] == (32, 56, 96)
    assert parts[0]["embedding"].shape[1:] == (1, 132)
