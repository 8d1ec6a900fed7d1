"""Seeded weights and videos of the goldens: the recipes of fvd.json, which anyone can rebuild."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Weights = dict[str, NDArray[np.float32]]


def seeded_i3d_weights(names: Mapping[str, Sequence[int]] | None = None) -> Weights:
    """Return the tensors of the recipe `weight_recipe`, without `num_batches_tracked`.

    Args:
        names: Shapes by name, as in i3d_names.json; those of our own network if left out.
    """
    if names is None:
        from lvbench.features.video.i3d_network import InceptionI3d

        names = {name: tensor.shape for name, tensor in InceptionI3d().state_dict().items()}
    return {
        name: _tensor(name, tuple(shape)).astype(np.float32)
        for name, shape in names.items()
        if not name.endswith("num_batches_tracked")
    }


@cache
def golden_i3d_weights(goldens: Path) -> Weights:
    """Return the seeded weights for the names of a folder of goldens."""
    return seeded_i3d_weights(json.loads((goldens / "i3d_names.json").read_text())["tensors"])


def _tensor(name: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
    rng = np.random.default_rng([20240601, zlib.crc32(name.encode())])
    if name.endswith("conv3d.weight"):
        gain = 1 if name.startswith("logits") else 2
        return rng.standard_normal(shape) * np.sqrt(gain / np.prod(shape[1:]))
    if name.endswith("bn.weight"):
        return np.ones(shape)
    if name.endswith("running_var"):
        return 0.5 + rng.random(shape)
    return 0.1 * rng.standard_normal(shape)


def weights_sha256(weights: Weights) -> str:
    """Return the checksum over names and values, sorted by name."""
    digest = hashlib.sha256()
    for name in sorted(weights):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(weights[name]).tobytes())
    return digest.hexdigest()


def gradient_videos(
    seed: int, n: int = 16, t: int = 16, h: int = 64, w: int = 64
) -> NDArray[np.uint8]:
    """Return moving sine gratings, uint8 `(n, t, h, w, 3)`: the recipe `video_recipe`.

    A is seed 0, B is seed 1.
    """
    rng = np.random.default_rng(seed)
    fx, fy = rng.uniform(0.5, 3, n), rng.uniform(0.5, 3, n)
    vx, vy = rng.uniform(-2, 2, n), rng.uniform(-2, 2, n)
    phase = rng.uniform(0, 2 * np.pi, (n, 3))
    amplitude, base = rng.uniform(60, 120, (n, 3)), rng.uniform(80, 170, (n, 3))
    k, y, x = np.arange(t)[:, None, None], np.arange(h)[:, None], np.arange(w)
    videos = np.empty((n, t, h, w, 3), np.uint8)
    for i in range(n):
        turn = fx[i] * (x - vx[i] * k) / w + fy[i] * (y - vy[i] * k) / h
        wave = base[i] + amplitude[i] * np.sin(2 * np.pi * turn[..., None] + phase[i])
        videos[i] = np.floor(np.clip(wave, 0, 255) + 0.5).astype(np.uint8)
    return videos


class RememberingNetwork:
    """I3D with the seeded weights, which computes each clip's logits once in a process.

    It stands wherever `lvbench.features.load("i3d", ...).network` does, for clips in batches of
    one: a full pass over videos A and B takes half a minute on one core.
    """

    def __init__(self, goldens: Path, epsilon: float) -> None:
        import torch

        from lvbench.features.video.i3d_network import InceptionI3d

        self.bare = InceptionI3d(epsilon).eval().requires_grad_(False)
        tensors = {n: torch.from_numpy(w) for n, w in golden_i3d_weights(goldens).items()}
        self.bare.load_state_dict(self.bare.state_dict() | tensors)
        self.bare.to(memory_format=torch.channels_last_3d)
        self._logits: dict[str, Any] = {}

    def parameters(self) -> Any:
        return self.bare.parameters()

    def __call__(self, clip: Any) -> Any:
        key = hashlib.sha256(np.ascontiguousarray(clip.numpy()).tobytes()).hexdigest()
        if key not in self._logits:
            self._logits[key] = self.bare(clip)
        return self._logits[key]


@cache
def seeded_i3d_network(goldens: Path, epsilon: float = 1e-3) -> RememberingNetwork:
    """Return the network of the goldens, the same one for the same arguments."""
    return RememberingNetwork(goldens, epsilon)


def read_bgr(path: Path) -> NDArray[np.uint8]:
    """Read a picture as BGR: OpenCV reads no PNG once decord and torchvision are loaded."""
    from PIL import Image

    return np.ascontiguousarray(np.asarray(Image.open(path).convert("RGB"))[..., ::-1])
