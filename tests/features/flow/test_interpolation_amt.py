from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from lvbench.errors import WeightsError
from lvbench.features.flow.interpolation_amt import AmtInterpolation
from lvbench.features.registry import build, load
from lvbench.video.frames import Frames
from tests.features.flow.amt_tensors import published_shapes, seeded_folder
from tests.features.flow.raft_tensors import gratings

# CRC-32 of "name (shape)", a line each, sorted, of the published model's tensors.
PUBLISHED_NAMES = 1666601273


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return seeded_folder(tmp_path_factory.mktemp("amt"))


def test_the_tensors_are_those_of_the_published_model() -> None:
    shapes = published_shapes()
    lines = "\n".join(f"{name} {shape}" for name, shape in sorted(shapes.items()))
    assert len(shapes) == 213
    assert zlib.crc32(lines.encode()) == PUBLISHED_NAMES


def test_the_network_equals_the_original_code_on_seeded_weights(weights: Path) -> None:
    """The numbers are those of VBench's copy of AMT (45e79ec) with these weights."""
    extractor = load("interpolation_amt_s", weights=weights)
    assert isinstance(extractor, AmtInterpolation)
    pixels = torch.from_numpy(gratings()).permute(0, 3, 1, 2) / 255.0
    with torch.inference_mode():
        made = extractor.network(pixels[:1], pixels[1:])[0].numpy().astype(np.float64)
    assert np.linalg.norm(made) == pytest.approx(107.07365689920806, rel=1e-5)
    assert made.mean(axis=(1, 2)) == pytest.approx(
        (0.2573347069788724, 0.4228908478838093, 0.44723468340807815), rel=1e-5
    )
    assert made[0, 0, :3] == pytest.approx((0.28858250, 0.33991000, 0.41931808), rel=1e-4)


@pytest.mark.parametrize(("size", "total"), [((128, 160), 5857938), ((131, 150), 5594104)])
def test_padding_and_rounding_are_the_originals(
    weights: Path, size: tuple[int, int], total: int
) -> None:
    extractor = load("interpolation_amt_s", weights=weights)
    assert isinstance(extractor, AmtInterpolation)
    made = extractor.between(*gratings(*size))
    assert made.shape == (*size, 3)
    assert int(made.sum(dtype=np.int64)) == pytest.approx(total, abs=20)


def test_frames_of_a_small_picture_are_interpolated_too(weights: Path) -> None:
    extractor = load("interpolation_amt_s", weights=weights)
    rgb = np.random.default_rng(0).integers(0, 256, (5, 24, 40, 3), np.uint8)
    found = extractor(Frames(np.arange(5) / 24, rgb=rgb))["error"]
    assert found.shape == (2,)
    assert np.isfinite(found).all()


def test_without_weights_it_says_where_they_are_to_be_had(tmp_path: Path) -> None:
    assert build("interpolation_amt_s").spec.name == "interpolation_amt_s"
    with pytest.raises(WeightsError):
        load("interpolation_amt_s", weights=tmp_path)
