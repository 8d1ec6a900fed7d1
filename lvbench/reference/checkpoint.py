"""Weights and training states as safetensors files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lvbench.reference.config import NetworkConfig
from lvbench.reference.network.loop_net import LoopNet
from lvbench.reference.weights import FORMAT, read_metadata, refused
from lvbench.results.files import write_atomic

STATE = "state.safetensors"


def save(path: Path, tensors: Mapping[str, Tensor], about: Mapping[str, Any]) -> None:
    """Write tensors and their metadata, atomically.

    Raises:
        StorageError: The file cannot be written.
    """
    from safetensors.torch import save as serialised

    # Metadata of safetensors is text.
    metadata = {"lvbench": json.dumps({"format": FORMAT, **about}, sort_keys=True)}
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    write_atomic(path, serialised(plain, metadata=metadata))


def load(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Return the tensors and the metadata of a file written by `save`.

    Raises:
        WeightsError: The file is missing, or not a checkpoint.
    """
    from safetensors import SafetensorError, safe_open

    about = read_metadata(path)
    try:
        with safe_open(str(path), framework="pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}, about  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise refused(path, f"{type(error).__name__}: {error}") from error


def save_weights(path: Path, network: LoopNet, average: Mapping[str, Tensor], step: int) -> None:
    """Write the averaged weights in half precision, the format of shipped weights."""
    halves = {name: tensor.to(torch.float16) for name, tensor in average.items()}
    save(path, halves, {"network": asdict(network.config), "step": step})


def load_network(path: Path) -> tuple[LoopNet, dict[str, Any]]:
    """Return a network with the weights of a file, in float32, and the file's metadata.

    Raises:
        WeightsError: The file is missing, or does not match the network.
    """
    tensors, about = load(path)
    try:
        network = LoopNet(NetworkConfig(**about["network"]))
        network.load_state_dict({name: tensor.float() for name, tensor in tensors.items()})
    except (KeyError, TypeError, RuntimeError) as error:
        raise refused(path, f"{type(error).__name__}: {error}") from error
    return network.eval(), about
