from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from lvbench.errors import ConfigError, LvbenchError, WeightsError
from lvbench.features.base import Arrays, Features
from lvbench.features.flow.raft import Raft, VbenchFlow
from lvbench.features.registry import load
from lvbench.features.stream import FeatureStream
from lvbench.video.frames import Frames, Products
from tests.features.flow.raft_tensors import gratings, seeded_folder

FPS = 24.0


def frames(rgb: NDArray[np.uint8]) -> Frames:
    return Frames(np.arange(len(rgb)) / FPS, rgb=rgb)


def panning(count: int, height: int = 128, width: int = 160) -> NDArray[np.uint8]:
    """Return frames whose content moves 2 pixels to the right each."""
    noise = np.random.default_rng(0).standard_normal((height, width + 2 * count, 3))
    smooth = cv2.GaussianBlur(noise, (0, 0), 4.0)
    picture = np.clip(128 + 45 * smooth / smooth.std(), 0, 255).astype(np.uint8)
    starts = [2 * (count - i) for i in range(count)]
    return np.stack([picture[:, x : x + width] for x in starts])


def raft(name: str, weights: Path, **parameters: Any) -> Raft:
    extractor = load(name, weights=weights, **parameters)
    assert isinstance(extractor, Raft)
    return extractor


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return seeded_folder(tmp_path_factory.mktemp("raft"))


@pytest.mark.parametrize(
    ("iterations", "norm", "mean"),
    [
        (1, 576.9171944252442, (0.5978168063563316, -3.454050012821972)),
        (4, 2597.5586372458265, (-1.3987348119873786, -15.746472700638696)),
    ],
)
def test_large_equals_the_original_code_on_seeded_weights(
    large: Path, iterations: int, norm: float, mean: tuple[float, float]
) -> None:
    """The numbers are those of princeton-vl/RAFT (2888e15) with these weights."""
    extractor = raft("raft_large", large, long_side=0, iterations=iterations)
    flow = extractor(frames(gratings()))["forward"][0].astype(np.float64)
    assert np.linalg.norm(flow) == pytest.approx(norm, rel=1e-5)
    assert flow.mean(axis=(0, 1)) == pytest.approx(mean, rel=1e-5)


def test_a_checkpoint_of_another_network_is_refused(large: Path) -> None:
    extractor = raft("raft_small", large)
    with pytest.raises(WeightsError) as caught:
        extractor(frames(gratings()))
    assert caught.value.code == "weights_mismatch"


@pytest.mark.assets
class TestRealWeights:
    @pytest.fixture
    def weights(self, assets: Path) -> Path:
        return assets / "assets"

    def test_arrays_have_the_promised_shapes_and_signs(self, weights: Path) -> None:
        found = raft("raft_small", weights, long_side=128, iterations=6)(frames(panning(3)))
        assert found["gray"].shape == (3, 102, 128)
        assert found["gray"].dtype == np.uint8
        for name, sign in (("forward", 1), ("backward", -1)):
            assert found[name].shape == (2, 102, 128, 2)
            assert found[name].dtype == np.float32
            dx, dy = np.median(found[name], axis=(0, 1, 2))
            assert dx == pytest.approx(2 * 128 / 160 * sign, rel=0.1)
            assert dy == pytest.approx(0, abs=0.2)
        for name in ("consistent", "consistent_backward"):
            assert found[name].shape == (2, 102, 128)
            assert found[name].mean() > 0.8
        np.testing.assert_allclose(found["dt"], 1 / FPS)

    def test_flow_is_the_modules_own(self, weights: Path) -> None:
        """Frames encoded once and both ways in one batch change no flow."""
        extractor = raft("raft_small", weights, long_side=0, iterations=4)
        rgb = gratings()
        found = extractor(frames(rgb))
        pixels = torch.from_numpy(rgb).permute(0, 3, 1, 2).float() / 127.5 - 1
        with torch.inference_mode():
            for name, first, second in (("forward", 0, 1), ("backward", 1, 0)):
                whole = extractor.network(pixels[[first]], pixels[[second]], 4)[-1][0]
                np.testing.assert_allclose(
                    found[name][0], whole.permute(1, 2, 0).numpy(), atol=2e-4, rtol=1e-4
                )

    def test_sizes_are_padded_as_the_original_pads(self, weights: Path) -> None:
        """princeton-vl/RAFT (2888e15), InputPadder and 12 iterations, gives these."""
        extractor = raft("raft_small", weights, long_side=0)
        flow = extractor(frames(gratings(131, 150)))["forward"][0].astype(np.float64)
        assert np.linalg.norm(flow) == pytest.approx(443.91117068741994, rel=1e-5)
        assert flow.mean(axis=(0, 1)) == pytest.approx((2.690536398, -1.665108222), rel=1e-5)

    @pytest.mark.parametrize("size", [(12, 16), (16, 100)])
    def test_small_pictures_get_finite_flow(self, weights: Path, size: tuple[int, int]) -> None:
        found = raft("raft_small", weights, iterations=4)(frames(panning(2, *size)))
        assert np.isfinite(found["forward"]).all()
        assert found["forward"].shape == (1, *size, 2)

    def test_too_small_pictures_are_refused_with_a_code(self, weights: Path) -> None:
        with pytest.raises(LvbenchError) as caught:
            raft("raft_small", weights)(frames(panning(2, 10, 400)))
        assert caught.value.code == "too_small"

    def test_blocks_and_their_padding_change_no_flow(self, weights: Path) -> None:
        extractor = raft("raft_small", weights, iterations=3)
        rgb = panning(7)
        blocks = streamed(extractor, rgb)
        assert [len(block.t) for block in blocks] == [4, 2]
        whole = extractor(frames(rgb[4:]))["forward"]
        np.testing.assert_allclose(blocks[1]["forward"], whole, atol=1e-4)
        assert [len(block["gray"]) for block in blocks] == [5, 3]

    def test_bursts_come_one_to_a_block_with_the_times_of_their_pairs(self, weights: Path) -> None:
        extractor = raft("raft_small", weights, iterations=2, burst_pairs=2, every=0.25)
        blocks = streamed(extractor, panning(14))
        assert [list(np.rint(block.t * FPS)) for block in blocks] == [[1, 2], [7, 8]]
        for block in blocks:
            assert len(block["forward"]) == len(block["dt"]) == 2
            assert len(block["gray"]) == 3
            np.testing.assert_allclose(block["dt"], 1 / FPS)

    def test_bursts_that_overlap_give_each_pair_once(self, weights: Path) -> None:
        extractor = raft("raft_small", weights, iterations=1, burst_pairs=4, every=2 / FPS)
        blocks = streamed(extractor, panning(9))
        assert [list(np.rint(block.t * FPS)) for block in blocks] == [[1, 2, 3, 4], [5, 6], [7, 8]]
        assert [len(block["gray"]) for block in blocks] == [5, 3, 3]


def streamed(extractor: Raft, rgb: NDArray[np.uint8]) -> list[Features]:
    blocks: list[Features] = []
    stream = FeatureStream({"raft": extractor}, FPS, lambda _, block: blocks.append(block))
    for start in range(0, len(rgb), 5):
        stream.push(frames(rgb).take(slice(start, start + 5)))
    stream.finish()
    return blocks


@pytest.mark.parametrize(
    "wrong",
    [{"long_side": 8}, {"long_side": -1}, {"iterations": 0}, {"burst_pairs": -1}, {"every": 0.0}],
)
def test_parameters_out_of_range_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        load("raft_small", weights=Path(__file__), **wrong)


class Recorder(VbenchFlow):
    """Give the brightness of a pair's two frames in the place of their flow."""

    def encode(self, batch: NDArray[np.uint8]) -> Arrays:
        first, second = batch[:-1, 0, 0, 0], batch[1:, 0, 0, 0]
        return {"top": first * 1000.0 + second, "shorter_side": np.full(len(first), 4)}


def taken(fps: float | None, count: int, chunk: int) -> tuple[list[float], list[tuple[int, int]]]:
    """Return the times of the pairs and the indices of their frames."""
    rgb = np.broadcast_to(np.arange(count, dtype=np.uint8)[:, None, None, None], (count, 4, 4, 3))
    frames = Frames(np.arange(count) / (fps or 10.0), rgb=rgb)
    times: list[float] = []
    pairs: list[tuple[int, int]] = []

    def consume(_: str, features: object) -> None:
        times.extend(features.t)  # type: ignore[attr-defined]
        pairs.extend(divmod(int(x), 1000) for x in features["top"])  # type: ignore[index]

    stream = FeatureStream({"vbench_flow": Recorder()}, fps, consume)
    for start in range(0, count, chunk):
        stream.push(frames.only(Products(rgb=True)).take(slice(start, start + chunk)))
    stream.finish()
    return times, pairs


@pytest.mark.parametrize("chunk", [1, 5, 64])
@pytest.mark.parametrize(
    ("fps", "interval"), [(24.0, 3), (30.0, 4), (8.0, 1), (4.0, 1), (60.0, 8), (None, 1), (20.0, 2)]
)
def test_frames_are_thinned_by_count(fps: float | None, interval: int, chunk: int) -> None:
    times, pairs = taken(fps, 30, chunk)
    index = list(range(0, 30, interval))
    assert pairs == list(pairwise(index))
    np.testing.assert_allclose(times, np.array(index[1:]) / (fps or 10.0))


def test_one_frame_gives_no_pair() -> None:
    assert taken(24.0, 3, 1) == ([], [])


@pytest.mark.assets
def test_the_largest_flows_are_vbenchs(assets: Path) -> None:
    """Its code gives this on these frames with RAFT-small's weights and 12 iterations."""
    extractor = Small(iterations=12)
    path = assets / "assets" / "flow" / "raft-small.pth"
    extractor._network = extractor.load({"raft_small": path}, "cpu")
    found = extractor(Frames(np.arange(2) / 8.0, rgb=gratings(131, 150)))
    assert found["top"] == pytest.approx(3.30617356300354, rel=1e-5)
    assert found["shorter_side"] == 131


class Small(VbenchFlow):
    """The same reading of the network whose weights are at hand."""

    constructor = "raft_small"
