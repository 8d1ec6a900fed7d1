from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from lvbench.errors import ConfigError, VideoDecodeError, WeightsError
from lvbench.features.base import Features
from lvbench.features.registry import load
from lvbench.features.stream import FeatureStream
from lvbench.features.video.i3d import I3D, i3d_features
from lvbench.metrics.base import raised_score
from lvbench.video.frames import Frames
from tests.features.video.i3d_forms import write_hassony, write_original, write_torchscript
from tests.seeded import gradient_videos, seeded_i3d_weights

pytestmark = pytest.mark.filterwarnings("ignore:the tensors of .* are of no published I3D")


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_original(seeded_i3d_weights(), tmp_path_factory.mktemp("i3d") / "model.data")


@pytest.fixture(scope="module")
def network(checkpoint: Path) -> Any:
    return load("i3d", checkpoint).network


def fed(extractor: I3D, video: np.ndarray, fps: float = 8, chunk: int = 5) -> list[Features]:
    """Return what the extractor makes of a video that arrives in chunks."""
    found: list[Features] = []
    stream = FeatureStream({"i3d": extractor}, fps, lambda _, features: found.append(features))
    for start in range(0, len(video), chunk):
        rgb = video[start : start + chunk]
        stream.push(Frames((start + np.arange(len(rgb))) / fps, rgb=rgb))
    stream.finish()
    return found


def test_every_form_gives_the_same_logits(network: Any, tmp_path: Path) -> None:
    clip = torch.from_numpy(np.random.default_rng(0).random((1, 3, 9, 224, 224), np.float32))
    expected = network(clip)
    for write in (write_hassony, write_torchscript):
        path = write(seeded_i3d_weights(), tmp_path / f"{write.__name__}.pt")
        assert torch.equal(load("i3d", path).network(clip), expected)


def test_windows_of_a_video_give_what_arrays_give(checkpoint: Path, network: Any) -> None:
    video = gradient_videos(3, n=1, t=20, h=48, w=64)[0]
    extractor = load("i3d", checkpoint, length=9, most=2)
    assert isinstance(extractor, I3D)
    found = fed(extractor, video)
    logits = np.concatenate([features["logits"] for features in found])
    clips = np.stack([video[:9], video[9:18]])
    np.testing.assert_array_equal(logits, i3d_features(clips, network=network))
    assert [float(features.t[0]) for features in found] == [0.5, 1.625]
    assert found[0]["pooled"].shape == (1, 1024)
    assert extractor.spec.keeps == ("logits",)


def test_a_rate_takes_every_second_frame(checkpoint: Path, network: Any) -> None:
    video = gradient_videos(4, n=1, t=18, h=32, w=32)[0]
    extractor = load("i3d", checkpoint, length=9, rate=4.0)
    assert isinstance(extractor, I3D)
    (found,) = fed(extractor, video)
    expected = i3d_features(video[None, ::2], network=network)
    np.testing.assert_array_equal(found["logits"], expected)


def test_a_video_shorter_than_its_window_has_no_features(checkpoint: Path) -> None:
    extractor = load("i3d", checkpoint)
    assert isinstance(extractor, I3D)
    assert fed(extractor, gradient_videos(5, n=1, t=15, h=32, w=32)[0]) == []


def test_epsilon_moves_the_features_and_the_identity(checkpoint: Path, network: Any) -> None:
    videos = gradient_videos(6, n=1, t=9, h=32, w=32)
    other = load("i3d", checkpoint, batch_norm_epsilon=1e-5)
    ours = i3d_features(videos, network=network)
    theirs = i3d_features(videos, network=other.network)
    assert 1e-3 < np.abs(theirs - ours).max() / np.abs(ours).max() < 0.05
    assert other.spec.identity() != load("i3d", checkpoint).spec.identity()


@pytest.mark.parametrize("scale", [1.0, 255.0])
def test_floats_are_refused(network: Any, scale: float) -> None:
    with pytest.raises(ConfigError, match="cannot be distinguished") as caught:
        i3d_features(np.full((1, 9, 8, 8, 3), scale), network=network)  # type: ignore[arg-type]
    assert caught.value.code == "range_ambiguous"


@pytest.mark.parametrize("shape", [(9, 8, 8, 3), (1, 3, 9, 8, 8), (0, 9, 8, 8, 3)])
def test_another_layout_is_refused(network: Any, shape: tuple[int, ...]) -> None:
    with pytest.raises(ConfigError) as caught:
        i3d_features(np.zeros(shape, np.uint8), network=network)
    assert caught.value.code == "bad_shape"


def test_eight_frames_are_too_few(network: Any) -> None:
    for attempt in (
        lambda: i3d_features(np.zeros((1, 8, 8, 8, 3), np.uint8), network=network),
        lambda: I3D(length=8),
    ):
        with pytest.raises(ConfigError) as caught:
            attempt()
        assert caught.value.code == "too_few_frames"


def test_an_unknown_preprocessing_is_refused_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        I3D(preprocessing="bicubic")
    assert caught.value.code == "preprocessing_unknown"


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.pt"
    torch.save({"fc.weight": torch.ones(2)}, path)
    with pytest.raises(WeightsError) as caught:
        _ = load("i3d", path).network
    assert caught.value.code == "weights_mismatch"


def test_a_video_slower_than_its_windows_is_refused() -> None:
    frames = Frames(np.arange(9) / 4.0, rgb=np.zeros((9, 8, 8, 3), np.uint8))
    slow = I3D(length=9, rate=8.0).start(4.0)
    with pytest.raises(VideoDecodeError) as caught:
        slow(frames)
    assert caught.value.code == "rate_too_low"
    item = raised_score(caught.value)
    assert (item.status, item.code) == ("not_applicable", "rate_too_low")
