"""Training task of the video encoder: content, motion and faults of a window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.world_training.faults import plant
from benchmarks.world_training.loop import Lesson
from benchmarks.world_training.samples import FPS, SECONDS, training_clip
from lvbench.features.world.networks import LENGTH, NUMBERS, Seen, VideoNetwork, standardised
from lvbench.features.world.world_view import SIDE
from lvbench.weights.checkpoint import load_into, read_tensors
from lvbench.weights.store import shipped_folder
from lvbench.world.condition import conditions
from lvbench.world.grammar import HUES, SHAPES
from lvbench.world.world import World

Labels = dict[str, NDArray[np.float32]]

_PER_CLIP = 2  # windows of one clip in a batch


class VideoLesson(Lesson):
    """Classify windows with and without planted faults.

    Args:
        folder: Folder of the trained identity encoder; without weights there, the shipped ones
            are used.
        batch: Windows in a batch.
    """

    name = "world_video"
    steps = 850
    rate = 4e-3

    def __init__(self, folder: Path, batch: int = 32) -> None:
        name = "world_identity.safetensors"
        own = folder / name
        self._identity = own if own.is_file() else shipped_folder() / name
        self._batch = batch

    def network(self) -> nn.Module:
        """Return the network with the trained identity encoder and otherwise random weights."""
        network = VideoNetwork()
        load_into(network.identity, read_tensors(self._identity), self._identity)
        return network

    def loss(self, network: Any, rng: np.random.Generator) -> tuple[Tensor, dict[str, float]]:
        """Return the loss of a random batch."""
        windows: list[NDArray[np.uint8]] = []
        labels: list[Labels] = []
        faults: list[NDArray[np.float32]] = []
        while len(windows) < self._batch:
            world = training_clip(rng)
            for start in rng.integers(0, int(SECONDS * FPS) - LENGTH, _PER_CLIP).tolist():
                window, has = plant(world.render(start, start + LENGTH, SIDE, SIDE), rng)
                windows.append(window)
                labels.append(labels_of(world, start))
                faults.append(has)
        frames = torch.from_numpy(np.concatenate(windows))
        seen = network(standardised(frames))
        parts = video_losses(seen, labels, torch.from_numpy(np.stack(faults)))
        total = torch.stack(list(parts.values())).sum()
        return total, {name: float(part.detach()) for name, part in parts.items()}


def labels_of(world: World, start: int) -> Labels:
    """Return the labels of the window that begins at a frame.

    Returns:
        `scene`: index of the last frame's scene; `shapes`, `hues`: 1 for each in view;
        `numbers`: those of `NUMBERS` in their units; `cut`: 1 if the window contains a cut.
    """
    stop = start + LENGTH
    ordered = conditions(world, start, stop)
    shapes, hues = np.zeros(len(SHAPES), np.float32), np.zeros(len(HUES), np.float32)
    speeds = []
    runs = list(world.timeline.runs(start, stop))
    for run in runs:
        trajectories = world.trajectories(run.index)
        across = trajectories.centres(run.since)[:, :, 0] - run.camera[:, None] * world.aspect
        for place, member in enumerate(run.shot.cast):
            if ((across[:, place] > 0) & (across[:, place] < world.aspect)).any():
                shapes[SHAPES.index(member.shape)] = hues[HUES.index(member.hue)] = 1
                speeds.append(float(np.hypot(*trajectories.velocity[place])))
    moving = np.mean(ordered.camera[:, 1])
    numbers = [moving, *ordered.light.mean(axis=0), np.mean(speeds) if speeds else 0.0]
    return {
        "scene": np.asarray(ordered.scene[-1], np.float32),
        "shapes": shapes,
        "hues": hues,
        "numbers": np.asarray(np.array(numbers) / [*NUMBERS.values()], np.float32),
        "cut": np.array([len(runs) > 1], np.float32),
    }


def video_losses(seen: Seen, labels: list[Labels], faults: Tensor) -> dict[str, Tensor]:
    """Return the losses of all outputs for a window."""
    wanted = {name: torch.from_numpy(np.stack([one[name] for one in labels])) for name in labels[0]}
    binary = functional.binary_cross_entropy_with_logits
    return {
        "scene": 0.5 * functional.cross_entropy(seen.scene, wanted["scene"].long()),
        "shapes": binary(seen.shapes, wanted["shapes"]),
        "hues": binary(seen.hues, wanted["hues"]),
        "numbers": functional.smooth_l1_loss(seen.numbers, wanted["numbers"], beta=0.5),
        "cut": 0.5 * binary(seen.cut, wanted["cut"]),
        "faults": 3 * binary(seen.faults, faults),
    }
