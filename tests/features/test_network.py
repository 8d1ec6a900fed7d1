"""Networks: blocks padded to one shape, weights found late, nothing loaded before its time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import lvbench.features.network as module
from lvbench.errors import MissingDependencyError, WeightsError
from lvbench.features.base import Arrays, ExtractorSpec, Windows
from lvbench.features.network import NetworkExtractor, Place
from lvbench.features.stream import FeatureStream
from lvbench.video.frames import Frames, Products
from lvbench.weights import locate as weights
from lvbench.weights.locate import Located


class Mean(NetworkExtractor):
    """Return the mean of each frame or window; refuse any batch but the full one."""

    weights = ("mean",)
    modules = ("json",)

    def __init__(self, batch: int = 4, windows: Windows | None = None) -> None:
        sampling = "frames" if windows is None else "windows"
        self.spec = ExtractorSpec(
            "mean", 1, Products(rgb=True), "float", sampling, batch, windows=windows
        )
        self.loaded = 0
        self.prepared = 0

    def load(self, files: dict[str, Path], device: str) -> Any:
        self.loaded += 1
        assert files == {"mean": Path("mean.bin")}
        return lambda batch: batch.mean(axis=tuple(range(1, batch.ndim)))

    def pixels(self, frames: Frames) -> NDArray[np.float32]:
        assert frames.rgb is not None
        self.prepared += len(frames)
        return frames.rgb.astype(np.float32)

    def encode(self, batch: NDArray[Any]) -> Arrays:
        assert len(batch) == self.spec.batch
        return {"mean": self.network(batch)}


@pytest.fixture(autouse=True)
def found(monkeypatch: pytest.MonkeyPatch) -> None:
    def locate(name: str, source: Path | None = None) -> Located:
        if source == Path("nowhere"):
            raise WeightsError("find", found="none", where="nowhere", fix="pull it")
        return Located(Path(f"{name}.bin"), "ab" * 32)

    monkeypatch.setattr(module, "locate", locate)


def video(count: int) -> Frames:
    rgb = np.random.default_rng(0).integers(0, 256, (count, 4, 6, 3), np.uint8)
    return Frames(np.arange(count) / 10, rgb=rgb)


def run(extractor: Mean, frames: Frames, chunk: int) -> tuple[list[float], list[float]]:
    t, y = [], []
    stream = FeatureStream(
        {"mean": extractor}, 10.0, lambda _, f: (t.extend(f.t), y.extend(f["mean"]))
    )
    for start in range(0, len(frames), chunk):
        stream.push(frames.take(slice(start, start + chunk)))
    stream.finish()
    return [float(v) for v in t], [float(v) for v in y]


@pytest.mark.parametrize("count", [1, 3, 4, 5, 9])
def test_the_last_block_is_padded_and_cut_again(count: int) -> None:
    frames = video(count)
    assert frames.rgb is not None
    means = frames.rgb.astype(np.float32).reshape(count, -1).mean(axis=1)
    for chunk in (1, 3, 16):
        t, y = run(Mean(), frames, chunk)
        assert t == frames.pts.tolist()
        assert y == pytest.approx(means.tolist())


def test_windows_are_padded_too_and_unwanted_frames_are_not_prepared() -> None:
    extractor = Mean(batch=2, windows=Windows(length=2, every=0.5))
    t, y = run(extractor, video(25), 7)
    assert t == pytest.approx([0.05, 0.55, 1.05, 1.55, 2.05])
    assert len(y) == 5
    assert extractor.prepared == 10


def test_nothing_is_loaded_before_the_first_block_and_then_once() -> None:
    extractor = Mean()
    assert extractor.spec.weights_sha256 is None
    extractor.attach(Place())
    assert extractor.spec.weights_sha256 == "ab" * 32
    assert extractor.loaded == 0
    run(extractor, video(9), 4)
    assert extractor.loaded == 1


def test_missing_weights_are_said_when_it_is_attached() -> None:
    with pytest.raises(WeightsError, match="pull it"):
        Mean().attach(Place(Path("nowhere")))


def test_a_missing_module_is_said_with_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Mean, "modules", ("no_such_module",))
    with pytest.raises(MissingDependencyError, match="learned"):
        Mean().attach(Place())


def test_all_missing_files_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Mean, "weights", ("raft_small", "sface"))
    monkeypatch.setattr(module, "locate", weights.locate)
    with pytest.raises(WeightsError) as caught:
        Mean().attach(Place())
    assert caught.value.code == "weights_missing"
    assert caught.value.fix.startswith("lvbench weights pull raft_small sface (42.7 MB)")
