"""Write I3D's weights in the forms that people have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from tests.seeded import Weights

_LEAVES = {
    "bn.bias": "batch_norm/beta",
    "bn.running_mean": "batch_norm/moving_mean",
    "bn.running_var": "batch_norm/moving_variance",
    "conv3d.weight": "conv_3d/w",
    "conv3d.bias": "conv_3d/b",
}
_TENSORFLOW = {
    "b0": "Branch_0/Conv3d_0a_1x1",
    "b1a": "Branch_1/Conv3d_0a_1x1",
    "b1b": "Branch_1/Conv3d_0b_3x3",
    "b2a": "Branch_2/Conv3d_0a_1x1",
    "b2b": "Branch_2/Conv3d_0b_3x3",
    "b3b": "Branch_3/Conv3d_0b_1x1",
}
_HASSONY = {
    "b0": "branch_0",
    "b1a": "branch_1.0",
    "b1b": "branch_1.1",
    "b2a": "branch_2.0",
    "b2b": "branch_2.1",
    "b3b": "branch_3.1",
}


def as_torch(weights: Mapping[str, NDArray[np.float32]]) -> dict[str, torch.Tensor]:
    return {name: torch.from_numpy(array) for name, array in weights.items()}


def write_ported(weights: Weights, path: Path) -> Path:
    """As piergiaj's port and VideoGPT name them, with the counts that torch adds."""
    counts = {
        name.replace("running_var", "num_batches_tracked"): torch.tensor(0)
        for name in weights
        if name.endswith("running_var")
    }
    torch.save(as_torch(weights) | counts, path)
    return path


def write_hassony(weights: Weights, path: Path) -> Path:
    torch.save(as_torch(hassony_names(weights)), path)
    return path


def hassony_names(weights: Weights) -> dict[str, NDArray[np.float32]]:
    return {_hassony(name): array for name, array in weights.items()}


def _hassony(name: str) -> str:
    unit, leaf = _split(name)
    leaf = leaf.replace("bn.", "batch3d.")
    if unit == "logits":
        return f"conv3d_0c_1x1.{leaf}"
    block, _, branch = unit.partition(".")
    block = block[0].lower() + block[1:]
    return ".".join(part for part in (block, _HASSONY.get(branch), leaf) if part)


def write_original(weights: Weights, path: Path) -> Path:
    """As TensorFlow lays them out: in order of their names there, without scales."""
    named = {
        _original(name): array for name, array in weights.items() if not name.endswith("bn.weight")
    }
    with path.open("wb") as file:
        for name in sorted(named):
            array = named[name]
            kernel = array.ndim == 5
            file.write(np.ascontiguousarray(array.transpose(2, 3, 4, 1, 0) if kernel else array))
    return path


def _original(name: str) -> str:
    unit, leaf = _split(name)
    block, _, branch = unit.partition(".")
    if block == "logits":
        block = "Logits/Conv3d_0c_1x1"
    convolution = _TENSORFLOW.get(branch)
    if (block, branch) == ("Mixed_5b", "b2b"):
        convolution = "Branch_2/Conv3d_0a_3x3"
    return "/".join(part for part in (block, convolution, _LEAVES[leaf]) if part)


def _split(name: str) -> tuple[str, str]:
    found = re.fullmatch(r"(.+)\.((?:conv3d|bn)\.\w+)", name)
    assert found is not None
    return found[1], found[2]


class _Holder(torch.nn.Module):
    """A scripted module with given tensors at given paths; calling it must never happen."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        raise RuntimeError("the archive's code was run")


def write_torchscript(weights: Weights, path: Path) -> Path:
    """As StyleGAN-V's archive: hassony2's names, scripted."""
    root = _Holder()
    for name, array in hassony_names(weights).items():
        *parents, leaf = name.split(".")
        module: Any = root
        for parent in parents:
            if not hasattr(module, parent):
                module.add_module(parent, _Holder())
            module = getattr(module, parent)
        tensor = torch.from_numpy(array)
        if leaf.startswith("running"):
            module.register_buffer(leaf, tensor)
        else:
            module.register_parameter(leaf, torch.nn.Parameter(tensor, requires_grad=False))
    torch.jit.script(root).save(str(path))
    return path
