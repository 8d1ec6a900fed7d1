"""Optimiser: Muon on the blocks' matrices, AdamW on the rest, and a moving average of weights."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lvbench.reference.config import TrainingConfig

CLIP = 1.0  # largest norm of a gradient


class Optimiser:
    """Update a network's weights.

    Source: Jordan et al., Muon, 2024 (`torch.optim.Muon`, its step scaled to AdamW's);
    Loshchilov and Hutter, AdamW, 2019; warm-up, constant, decay: Hu et al., MiniCPM, 2024.
    """

    def __init__(self, network: nn.Module, config: TrainingConfig) -> None:
        self.network, self.config = network, config
        named = dict(network.named_parameters())
        matrices = {n: p for n, p in named.items() if n.startswith("blocks.") and _matrix(n, p)}
        rest = [p for n, p in named.items() if n not in matrices]
        self._parts: list[torch.optim.Optimizer] = [
            torch.optim.Muon(
                list(matrices.values()), weight_decay=0.01, adjust_lr_fn="match_rms_adamw"
            ),
            torch.optim.AdamW(rest, betas=(0.9, 0.99), weight_decay=0.01),
        ]
        self.average = {name: p.detach().clone() for name, p in named.items()}

    def step(self, step: int) -> None:
        """Update the weights by their gradients; `step` counts from 0."""
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), CLIP)
        for part in self._parts:
            for group in part.param_groups:
                group["lr"] = self.config.learning_rate * pace(step, self.config)
            part.step()
            part.zero_grad(set_to_none=True)
        decay = min(self.config.average, (1 + step) / (10 + step))
        with torch.no_grad():
            for name, parameter in self.network.named_parameters():
                self.average[name].lerp_(parameter, 1 - decay)

    def state(self) -> dict[str, Tensor]:
        """Return the state needed to resume a run, by name."""
        found = {f"average.{name}": value for name, value in self.average.items()}
        for number, part in enumerate(self._parts):
            for index, entries in part.state_dict()["state"].items():
                for name, value in entries.items():
                    found[f"optimiser.{number}.{index}.{name}"] = torch.as_tensor(value)
        return found

    def load(self, state: dict[str, Tensor]) -> None:
        """Restore a state from `state`."""
        self.average = {
            name: state[f"average.{name}"].clone() for name, _ in self.network.named_parameters()
        }
        for number, part in enumerate(self._parts):
            plain = part.state_dict()
            plain["state"] = _entries(state, f"optimiser.{number}.")
            part.load_state_dict(plain)


def pace(step: int, config: TrainingConfig) -> float:
    """Return the learning rate at a step relative to its peak: warm-up, plateau, decay to 0."""
    rising = min(1.0, (step + 1) / max(1, config.warm_up))
    left = config.steps - step
    falling = min(1.0, left / config.decay) if config.decay else 1.0
    return max(0.0, min(rising, falling))


def _matrix(name: str, parameter: Tensor) -> bool:
    return parameter.ndim == 2 and name.endswith("weight")


def _entries(state: dict[str, Tensor], prefix: str) -> dict[int, dict[str, Tensor]]:
    found: dict[int, dict[str, Tensor]] = {}
    for key, value in state.items():
        if key.startswith(prefix):
            index, name = key.removeprefix(prefix).split(".")
            found.setdefault(int(index), {})[name] = value.clone()
    return found
