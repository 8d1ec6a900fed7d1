from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lvbench.errors import WeightsError
from lvbench.features.video import i3d_checkpoint
from lvbench.features.video.i3d_checkpoint import crc32c, masked_crc32c, read_i3d
from tests.features.video.i3d_forms import (
    write_hassony,
    write_original,
    write_ported,
    write_torchscript,
)
from tests.seeded import Weights, seeded_i3d_weights

FORMS = {
    "original": write_original,
    "ported": write_ported,
    "hassony": write_hassony,
    "torchscript": write_torchscript,
}


@pytest.fixture(scope="module")
def weights() -> Weights:
    return seeded_i3d_weights()


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch, weights: Weights) -> Callable[[str], None]:
    """Return a function that enters the seeded weights as one of the published networks."""
    rows = i3d_checkpoint._table()

    def checksum(name: str) -> int:
        tensor = weights[name]
        original = tensor.transpose(2, 3, 4, 1, 0) if tensor.ndim == 5 else tensor
        return masked_crc32c(original.tobytes())

    def enter(column: str) -> None:
        entered = tuple(replace(row, **{column: checksum(row.name)}) for row in rows)
        monkeypatch.setattr(i3d_checkpoint, "_table", lambda: entered)

    return enter


@pytest.mark.parametrize("form", FORMS)
def test_every_form_holds_the_same_network(form: str, weights: Weights, tmp_path: Path) -> None:
    path = FORMS[form](weights, tmp_path / "model.pt")
    with pytest.warns(UserWarning, match="no published I3D"):
        tensors = read_i3d(path)
    assert set(tensors) == set(weights)
    for name, tensor in weights.items():
        np.testing.assert_array_equal(tensors[name], tensor, err_msg=name)


def test_a_cut_download_is_unreadable(weights: Weights, tmp_path: Path) -> None:
    path = write_original(weights, tmp_path / "model.ckpt.data-00000-of-00001")
    with path.open("r+b") as file:
        file.truncate(1 << 20)
    with pytest.raises(WeightsError) as caught:
        read_i3d(path)
    assert caught.value.code == "weights_unreadable"


def test_a_network_of_600_classes_is_refused(weights: Weights, tmp_path: Path) -> None:
    wider = weights | {"logits.conv3d.bias": np.zeros(600, np.float32)}
    with pytest.raises(WeightsError, match=r"logits.conv3d.bias") as caught:
        read_i3d(write_ported(wider, tmp_path / "kin600.pt"))
    assert caught.value.code == "weights_mismatch"


def test_a_missing_tensor_is_named(weights: Weights, tmp_path: Path) -> None:
    fewer = {name: w for name, w in weights.items() if name != "Mixed_4d.b2a.bn.running_var"}
    with pytest.raises(WeightsError, match=r"Mixed_4d.b2a.bn.running_var is missing"):
        read_i3d(write_ported(fewer, tmp_path / "fewer.pt"))


@pytest.mark.parametrize("form", ["original", "hassony"])
def test_the_published_network_loads_without_a_word(
    form: str, weights: Weights, tmp_path: Path, published: Callable[[str], None]
) -> None:
    published("rgb_scratch")
    path = FORMS[form](weights, tmp_path / "model.pt")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read_i3d(path)


def test_one_flipped_bit_is_found_and_named(
    weights: Weights, tmp_path: Path, published: Callable[[str], None]
) -> None:
    published("rgb_scratch")
    damaged = weights["Mixed_3c.b1b.conv3d.weight"].copy()
    damaged.view(np.uint32).flat[12345] ^= 1
    path = write_original(weights | {"Mixed_3c.b1b.conv3d.weight": damaged}, tmp_path / "m.data")
    with pytest.raises(WeightsError, match=r"1 of 230 tensors.*Mixed_3c.b1b.conv3d") as caught:
        read_i3d(path)
    assert caught.value.code == "weights_checksum"


@pytest.mark.parametrize("form", ["original", "ported"])
def test_rgb_imagenet_is_refused_by_name(
    form: str, weights: Weights, tmp_path: Path, published: Callable[[str], None]
) -> None:
    published("rgb_imagenet")
    with pytest.raises(WeightsError, match=r"another network.*rgb_imagenet") as caught:
        read_i3d(FORMS[form](weights, tmp_path / "model.pt"))
    assert caught.value.code == "weights_checksum"


@pytest.mark.assets
def test_the_table_is_the_checkpoints_index(assets: Path) -> None:
    index = json.loads((assets / "goldens" / "i3d_weight_fingerprints.json").read_text())
    networks = index["tensors"]
    start = 0
    for row, scratch, imagenet in zip(
        i3d_checkpoint._table(),
        networks["rgb_scratch"]["rows"],
        networks["rgb_imagenet"]["rows"],
        strict=True,
    ):
        size = 4 * int(np.prod(row.shape))
        assert scratch == [row.original, list(row.shape), start, size, row.rgb_scratch]
        assert imagenet == [row.original, list(row.shape), start, size, row.rgb_imagenet]
        start += size
    assert start == 50_818_176


def bit_by_bit(data: bytes) -> int:
    register = 0xFFFFFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = (register >> 1) ^ (0x82F63B78 if register & 1 else 0)
    return register ^ 0xFFFFFFFF


def test_it_is_castagnoli() -> None:
    """The check value of the catalogue of CRCs, and one of RFC 3720, B.4."""
    assert crc32c(b"123456789") == 0xE3069283
    assert crc32c(bytes(32)) == 0x8A9136AA


@pytest.mark.parametrize("n", [0, 1, 7, 8, 9, 31, 64, 100, 1000, 4097])
def test_lanes_give_what_bits_give(n: int) -> None:
    data = np.random.default_rng(n).integers(0, 256, n, dtype=np.uint8)
    assert crc32c(data) == crc32c(data.tobytes()) == bit_by_bit(data.tobytes())


def test_the_mask_rotates_and_adds() -> None:
    plain = crc32c(b"lvbench")
    unmasked = (masked_crc32c(b"lvbench") - 0xA282EAD8) & 0xFFFFFFFF
    assert (unmasked >> 17) | (unmasked << 15) & 0xFFFFFFFF == plain
