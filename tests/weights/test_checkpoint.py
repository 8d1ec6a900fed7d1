"""Tensors are read by what a file is, never as code; a network takes all of them or none."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from lvbench.errors import WeightsError
from lvbench.weights.checkpoint import load_into, read_tensors

TENSORS = {"weight": torch.arange(6.0).reshape(2, 3), "bias": torch.ones(2)}


@pytest.mark.parametrize("name", ["net.safetensors", "net.bin", "net"])
def test_safetensors_are_known_by_their_content(tmp_path: Path, name: str) -> None:
    save_file(TENSORS, tmp_path / name)
    found = read_tensors(tmp_path / name)
    assert all(torch.equal(found[key], TENSORS[key]) for key in TENSORS)


@pytest.mark.parametrize("wrapper", [None, "state_dict", "model"])
def test_a_torch_checkpoint_is_unwrapped(tmp_path: Path, wrapper: str | None) -> None:
    named = {f"module.{key}": tensor for key, tensor in TENSORS.items()}
    torch.save(named if wrapper is None else {wrapper: named, "epoch": 3}, tmp_path / "net.pth")
    network = torch.nn.Linear(3, 2)
    load_into(network, read_tensors(tmp_path / "net.pth"), tmp_path / "net.pth")
    assert torch.equal(network.weight, TENSORS["weight"])


def test_a_pickle_that_would_run_code_is_refused(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return Path.touch, (str(tmp_path / "touched"),)

    (tmp_path / "net.pth").write_bytes(pickle.dumps(Evil()))
    with pytest.raises(WeightsError) as caught:
        read_tensors(tmp_path / "net.pth")
    assert caught.value.code == "weights_unreadable"
    assert not (tmp_path / "touched").exists()


def test_an_empty_file_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "net.pth").touch()
    with pytest.raises(WeightsError, match="pull"):
        read_tensors(tmp_path / "net.pth")


def test_other_tensors_than_the_networks_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError) as caught:
        load_into(torch.nn.Linear(4, 2), TENSORS, tmp_path / "net.pth")
    assert caught.value.code == "weights_mismatch"
