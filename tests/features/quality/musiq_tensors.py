"""Seeded tensors under the names of the published MUSIQ checkpoint."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Shapes = dict[str, tuple[int, ...]]


def shapes() -> Shapes:
    """Return the shapes of the network's tensors by name."""
    from lvbench.features.quality.musiq import MusiqExtractor

    tensors = MusiqExtractor().architecture().state_dict()
    return {name: tuple(tensor.shape) for name, tensor in tensors.items()}


def seeded(name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return the tensor of a name: scaled so that signals neither grow nor vanish."""
    values = np.random.default_rng([5, zlib.crc32(name.encode())]).standard_normal(shape)
    if name.startswith("head."):
        values = 3 * values + (50 if name.endswith("bias") else 0)
    elif len(shape) > 1 and "emb" not in name.split(".")[-1] and "cls" not in name:
        values *= np.sqrt(1.0 / np.prod(shape[1:]))
    elif name.endswith("weight"):
        values = 1 + 0.1 * values
    else:
        values *= 0.1
    return values.astype(np.float32)


def seeded_folder(folder: Path) -> Path:
    """Write a checkpoint as the publisher does, and what puts it in the entry's place."""
    import torch

    tensors = {name: torch.from_numpy(seeded(name, shape)) for name, shape in shapes().items()}
    torch.save(tensors, folder / "seeded.pth")
    (folder / "weights.yaml").write_text("musiq_spaq: seeded.pth\n")
    return folder


def picture(height: int, width: int) -> NDArray[np.uint8]:
    """Return waves of all three channels and seeded noise, uint8 `(h, w, 3)`."""
    y, x = np.mgrid[:height, :width].astype(np.float64)
    waves = [np.sin(x / (5 + 3 * c) + y / (9 - 2 * c)) for c in range(3)]
    noise = np.random.default_rng(1).standard_normal((height, width, 3))
    return np.clip(127 + 70 * np.stack(waves, axis=-1) + 20 * noise, 0, 255).astype(np.uint8)
