"""Training loop: deterministic by its seed, single-threaded, resumable."""

from __future__ import annotations

import json
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.world_training.samples import generator

EVERY = 100
"""Steps between checkpoints."""
_WARM = 0.1  # share of the steps for warm-up


class Lesson(ABC):
    """Training task of one encoder.

    Attributes:
        name: Name of the encoder's weights.
        steps: Steps of a complete run.
        rate: Peak learning rate.
    """

    name: ClassVar[str]
    steps: ClassVar[int]
    rate: ClassVar[float]

    @abstractmethod
    def network(self) -> nn.Module:
        """Return the network with random weights."""

    @abstractmethod
    def loss(self, network: Any, rng: np.random.Generator) -> tuple[Tensor, dict[str, float]]:
        """Return the loss of a random batch, and its terms."""


def train(
    lesson: Lesson, folder: Path, *, steps: int | None = None, seed: int = 0, every: int = EVERY
) -> nn.Module:
    """Train a network and return it, in evaluation mode; log and checkpoint go into `folder`.

    Args:
        lesson: The training task.
        folder: Folder of the run; an interrupted run is resumed from it.
        steps: Steps of the complete run; by default the task's.
        seed: Seed of weights and batches.
        every: Steps between checkpoints.
    """
    count = steps or lesson.steps
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    network: Any = lesson.network()
    network = network.to(memory_format=torch.channels_last)
    adam = torch.optim.AdamW(network.parameters(), lr=lesson.rate, weight_decay=0.02)
    done = _resume(folder / f"{lesson.name}.pt", network, adam)
    network.train()
    spent = time.process_time()
    for step in range(done, count):
        for group in adam.param_groups:
            group["lr"] = lesson.rate * pace(step / count)
        with torch.autocast("cpu", torch.bfloat16):
            loss, parts = lesson.loss(network, generator(seed, step + 1))
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        adam.step()
        if (step + 1) % every == 0 or step + 1 == count:
            _keep(folder / f"{lesson.name}.pt", network, adam, step + 1)
            seconds = time.process_time() - spent
            _log(folder, lesson.name, step + 1, parts | {"loss": float(loss), "seconds": seconds})
    trained: nn.Module = network.eval().requires_grad_(False)
    return trained


def export(network: nn.Module, path: Path) -> None:
    """Write the weights of a trained network; those of convolutions and matrices as float16."""
    from safetensors.torch import save_file

    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: _packed(tensor) for name, tensor in network.state_dict().items()}, path)


def _packed(tensor: Tensor) -> Tensor:
    half = tensor.ndim > 1
    return (tensor.half() if half else tensor).contiguous()


def pace(share: float) -> float:
    """Return the relative learning rate, 0 to 1, at a share of the run."""
    if share < _WARM:
        return (share + 0.01) / (_WARM + 0.01)
    return float(0.5 * (1 + np.cos(np.pi * (share - _WARM) / (1 - _WARM)))) + 0.002


def _resume(path: Path, network: nn.Module, adam: torch.optim.Optimizer) -> int:
    if not path.is_file():
        return 0
    state = torch.load(path, weights_only=True)
    network.load_state_dict(state["network"])
    adam.load_state_dict(state["adam"])
    return int(state["step"])


def _keep(path: Path, network: nn.Module, adam: torch.optim.Optimizer, step: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    state = {"network": network.state_dict(), "adam": adam.state_dict(), "step": step}
    partial = path.with_suffix(".part")
    torch.save(state, partial)
    partial.replace(path)


def _log(folder: Path, name: str, step: int, parts: dict[str, float]) -> None:
    line = json.dumps({"step": step} | {key: round(value, 4) for key, value in parts.items()})
    print(f"{name} {line}", flush=True)
    with (folder / f"{name}.log.jsonl").open("a", encoding="utf-8") as log:
        log.write(line + "\n")
