"""Training loop: steps are functions of (seed, step), so that a run can be resumed anywhere."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import torch

from lvbench.errors import ConfigError
from lvbench.reading import jsonl, read_json
from lvbench.reference.checkpoint import STATE, load, load_network, save, save_weights
from lvbench.reference.config import ModelPreset, NetworkConfig
from lvbench.reference.network.loop_net import LoopNet
from lvbench.reference.training.batches import training_batch
from lvbench.reference.training.curve import read_log
from lvbench.reference.training.distance import world_distance
from lvbench.reference.training.objective import add_noise, guided_target, with_self_rollout
from lvbench.reference.training.optimiser import Optimiser
from lvbench.reference.training.parts import BatchParts
from lvbench.reference.training.validate import validation
from lvbench.reference.weights import WEIGHTS
from lvbench.results.files import canonical_json, write_atomic

LOG = "log.jsonl"
RECIPE = "recipe.json"
TEACHER = "teacher.safetensors"
_SMOOTH = 0.98
# Settings that may change when a run is resumed; the recipe lists them by leg, with its first
# step.
_MAY_CHANGE = (
    *("steps", "decay", "short_until", "dtype"),
    *("levels", "without", "only", "images", "memory", "self_rollout", "augment", "history_noise"),
    "distil",
)

StepCallback = Callable[[int, float], None]


class Trainer:
    """A training run in a folder.

    Args:
        preset: Sizes and recipe.
        folder: Output folder of weights, state and log.
        init: Initial weights; random by default.
        device: Device to train on.
        threads: Threads on a CPU; their number changes no bit.

    Raises:
        ConfigError: The folder contains a run of another recipe.
        WeightsError: `init` does not match the network.
    """

    def __init__(
        self,
        preset: ModelPreset,
        folder: Path,
        init: Path | None = None,
        device: str = "cpu",
        threads: int = 1,
    ) -> None:
        self.config, self.folder, self.device = preset.training, folder, torch.device(device)
        torch.manual_seed(self.config.seed)
        self.network = LoopNet(preset.network) if init is None else _given(init, preset.network)
        self.network.to(self.device).train()
        self.parts = BatchParts(self.network, self.config.dtype, threads)
        self.optimiser = Optimiser(self.network, self.config)
        self.step = 0
        self.loss: float | None = None
        if (folder / STATE).exists():
            self._resume()
        self.teacher = self._teacher(init is not None, threads) if self.config.distil else None
        self._write_recipe(None if init is None else init.name)

    def run(
        self,
        until: int | None = None,
        *,
        every: int = 250,
        keep: int = 500,
        distance: int = 0,
        on_step: StepCallback | None = None,
    ) -> None:
        """Train up to step `until`, or to the end.

        Args:
            until: Step at which to stop; the learning rate schedule is not affected.
            every: Steps between two validations.
            keep: Steps between two checkpoints.
            distance: Steps between two measurements of the distance of sampled clips to rendered
                ones, which take a minute each; 0 for none.
            on_step: Called after each step with its number and the smoothed loss.
        """
        last = self.config.steps if until is None else min(until, self.config.steps)
        began = time.perf_counter(), time.process_time()
        while self.step < last:
            self._one_step()
            if on_step:
                on_step(self.step, self.loss or 0.0)
            ended = self.step == last
            if self.step % every == 0 or ended:
                far = bool(distance) and (self.step % distance == 0 or ended)
                self._log(time.perf_counter() - began[0], time.process_time() - began[1], far)
                began = time.perf_counter(), time.process_time()
            if self.step % keep == 0 or ended:
                self.keep()

    def keep(self) -> None:
        """Write a checkpoint: the averaged weights and the state of the run."""
        save_weights(self.folder / WEIGHTS, self.network, self.optimiser.average, self.step)
        state = {f"weights.{n}": p for n, p in self.network.named_parameters()}
        about = {"step": self.step, "loss": self.loss, "training": self.config.as_json()}
        save(self.folder / STATE, state | self.optimiser.state(), about)

    def averaged(self) -> LoopNet:
        """Return a network with the averaged weights."""
        network = LoopNet(self.network.config)
        network.load_state_dict(self.optimiser.average)
        network.to(self.device)
        return network.eval()

    def _one_step(self) -> None:
        batch = training_batch(self.network.config, self.config, self.step)
        given = add_noise(batch, self.config, self.step).to(self.device)
        if self.config.self_rollout:
            given = with_self_rollout(self.parts.predicted, given, self.config, self.step)
        if self.teacher:
            given = guided_target(self.teacher.predicted, given, self.config.distil)
        found = self.parts.learn(given)
        self.optimiser.step(self.step)
        self.loss = found if self.loss is None else _SMOOTH * self.loss + (1 - _SMOOTH) * found
        self.step += 1

    def _teacher(self, begun: bool, threads: int) -> BatchParts:
        """Return the teacher of the distillation: the weights at the start of distillation."""
        path = self.folder / TEACHER
        if not path.exists():
            if not (begun or self.step):
                raise ConfigError(
                    "distil guidance",
                    found="untrained weights",
                    where="distil",
                    fix="give --init with trained weights, or distil later in a run",
                )
            save_weights(path, self.network, self.optimiser.average, self.step)
        network, _ = load_network(path)
        return BatchParts(network.to(self.device), self.config.dtype, threads)

    def _log(self, seconds: float, processor: float, far: bool) -> None:
        line: dict[str, Any] = {"step": self.step, "loss": self.loss}
        network = self.averaged()
        line |= validation(network, self.config.levels, self.config.dtype)
        if far:
            line |= {f"world_distance_{n}": world_distance(network, n) for n in self.config.levels}
        line |= {"seconds": round(seconds, 1), "processor_seconds": round(processor, 1)}
        path = self.folder / LOG
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as file:
            file.write(json.dumps(line) + "\n")

    def _write_recipe(self, init: str | None) -> None:
        """Write the recipe of the weights, with a leg for each change of settings."""
        path = self.folder / RECIPE
        legs: list[dict[str, Any]] = []
        if path.exists() and self.step:
            before = read_json(path)
            legs, init = before["legs"], before["init"]
        asked = json.loads(json.dumps(self.config.as_json()))
        if not legs or legs[-1]["training"] != asked:
            legs.append({"from_step": self.step, "training": asked})
        recipe = {"network": asdict(self.network.config), "init": init, "legs": legs}
        write_atomic(path, canonical_json(recipe, indent=1) + "\n")

    def _resume(self) -> None:
        state, about = load(self.folder / STATE)
        asked = {field.name: getattr(self.config, field.name) for field in fields(self.config)}
        before = {name: _tuples(value) for name, value in about["training"].items()}
        changed = [n for n, v in before.items() if v != asked[n] and n not in _MAY_CHANGE]
        if changed:
            raise ConfigError(
                "resume a training run",
                found=f"the existing run has another recipe: {', '.join(changed)} differ",
                where=str(self.folder),
                fix="give the same options, or another --out and --init with its weights",
            )
        names = dict(self.network.named_parameters())
        self.network.load_state_dict({name: state[f"weights.{name}"] for name in names})
        self.optimiser.load(state)
        self.step, self.loss = about["step"], about["loss"]
        _forget_after(self.folder / LOG, self.step)


def _given(path: Path, config: NetworkConfig) -> LoopNet:
    network, _ = load_network(path)
    if replace(network.config, window=config.window) != config:
        raise ConfigError(
            "initialise with these weights",
            found=f"{network.config}",
            where=str(path),
            fix=f"give weights of {config}",
        )
    if network.config == config:
        return network
    other = LoopNet(config)  # the window shapes no tensor
    other.load_state_dict(network.state_dict())
    return other


def _forget_after(log: Path, step: int) -> None:
    """Drop log lines of steps after the last checkpoint, which will be repeated."""
    if log.exists():
        kept = [line for line in read_log(log) if line["step"] <= step]
        write_atomic(log, jsonl(kept))


def _tuples(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
