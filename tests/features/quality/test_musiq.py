from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from lvbench.errors import WeightsError
from lvbench.features.base import Extractor
from lvbench.features.registry import build, load
from lvbench.video.frames import Frames
from tests.features.quality.musiq_tensors import picture, seeded_folder, shapes

# CRC-32 of "name (shape)", a line each, sorted, of the published model's 248 tensors.
PUBLISHED_NAMES = 3523639143


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def musiq(tmp_path_factory: pytest.TempPathFactory) -> Extractor:
    return load("musiq", weights=seeded_folder(tmp_path_factory.mktemp("musiq")))


def frames(height: int, width: int) -> Frames:
    return Frames(np.zeros(1), rgb=picture(height, width)[None])


def test_the_tensors_are_those_of_the_published_model() -> None:
    found = shapes()
    lines = "\n".join(f"{name} {shape}" for name, shape in sorted(found.items()))
    assert len(found) == 248
    assert zlib.crc32(lines.encode()) == PUBLISHED_NAMES


@pytest.mark.parametrize(
    ("height", "width", "rating"),
    [(96, 160, 78.29444122314453), (150, 100, 75.91757202148438), (400, 640, 65.64891815185547)],
)
def test_it_equals_the_original_code_on_seeded_weights(
    musiq: Extractor, height: int, width: int, rating: float
) -> None:
    """The numbers are IQA-PyTorch's (01ae427) with these weights, after VBench's resize."""
    assert musiq(frames(height, width))["rating"][0] == pytest.approx(rating, rel=1e-5)


def test_the_longer_side_is_reduced_to_512_and_never_enlarged() -> None:
    extractor = build("musiq")
    for size, expected in (
        ((400, 640), (320, 512)),
        ((640, 333), (512, 266)),
        ((30, 50), (30, 50)),
    ):
        prepared = extractor.prepare(frames(*size)).prepared
        assert prepared is not None
        assert prepared.shape == (1, 3, *expected)


def test_another_network_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.pth"
    torch.save({"weight": torch.zeros(3)}, path)
    (tmp_path / "weights.yaml").write_text("musiq_spaq: x.pth\n")
    with pytest.raises(WeightsError) as raised:
        load("musiq", weights=tmp_path)(frames(40, 40))
    assert raised.value.code == "weights_mismatch"


@pytest.mark.parametrize("rate", [-1.0, float("inf")])
def test_a_rate_out_of_range_is_refused(rate: float) -> None:
    with pytest.raises(Exception, match="rate"):
        build("musiq", {"rate": rate})
