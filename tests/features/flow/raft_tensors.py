"""Seeded tensors under the names and shapes of princeton-vl's RAFT checkpoints, written out."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Shapes = dict[str, tuple[int, ...]]


def large_shapes() -> Shapes:
    """Return names and shapes of raft-things.pth, `module.` left off."""
    gru = {f"conv{gate}{k}": 384 for gate in "zrq" for k in (1, 2)}
    update: Shapes = {
        "encoder.convc1": (256, 324, 1, 1),
        "encoder.convc2": (192, 256, 3, 3),
        "encoder.convf1": (128, 2, 7, 7),
        "encoder.convf2": (64, 128, 3, 3),
        "encoder.conv": (126, 256, 3, 3),
        "flow_head.conv1": (256, 128, 3, 3),
        "flow_head.conv2": (2, 256, 3, 3),
        "mask.0": (256, 128, 3, 3),
        "mask.2": (576, 256, 1, 1),
    }
    for name, channels in gru.items():
        update[f"gru.{name}"] = (128, channels, *((1, 5) if name[-1] == "1" else (5, 1)))
    layers = _encoder("fnet", normed=False) | _encoder("cnet", normed=True)
    for name, shape in update.items():
        layers |= _convolution(f"update_block.{name}", shape)
    return layers


def _encoder(name: str, *, normed: bool) -> Shapes:
    out = _convolution(f"{name}.conv1", (64, 3, 7, 7))
    out |= _convolution(f"{name}.conv2", (256, 128, 1, 1))
    norms = {f"{name}.norm1": 64}
    before = 64
    for layer, width in ((1, 64), (2, 96), (3, 128)):
        for block in (0, 1):
            here = f"{name}.layer{layer}.{block}"
            out |= _convolution(f"{here}.conv1", (width, before, 3, 3))
            out |= _convolution(f"{here}.conv2", (width, width, 3, 3))
            norms |= {f"{here}.norm1": width, f"{here}.norm2": width}
            if before != width:
                out |= _convolution(f"{here}.downsample.0", (width, before, 1, 1))
                norms |= {f"{here}.norm3": width, f"{here}.downsample.1": width}
            before = width
    for norm, width in norms.items() if normed else ():
        for part in ("weight", "bias", "running_mean", "running_var"):
            out[f"{norm}.{part}"] = (width,)
        out[f"{norm}.num_batches_tracked"] = ()
    return out


def _convolution(name: str, shape: tuple[int, ...]) -> Shapes:
    return {f"{name}.weight": shape, f"{name}.bias": shape[:1]}


def seeded(shapes: Shapes) -> dict[str, NDArray[np.float32] | NDArray[np.int64]]:
    """Return tensors that depend on nothing but their names; what is listed twice is the same."""
    return {f"module.{name}": _tensor(name, shape) for name, shape in shapes.items()}


def seeded_folder(folder: Path) -> Path:
    """Write a checkpoint as the original writes one, and what puts it in the entries' place."""
    import torch

    tensors = {name: torch.from_numpy(t) for name, t in seeded(large_shapes()).items()}
    torch.save(tensors, folder / "seeded.pth")
    (folder / "weights.yaml").write_text("raft_large: seeded.pth\nraft_small: seeded.pth\n")
    return folder


def _tensor(name: str, shape: tuple[int, ...]) -> NDArray[np.float32] | NDArray[np.int64]:
    if not shape:
        return np.zeros((), np.int64)
    name = "module." + name.replace("norm3", "downsample.1")
    rng = np.random.default_rng([7, zlib.crc32(name.encode())])
    if name.endswith("running_var"):
        values = 0.5 + rng.random(shape)
    elif len(shape) == 4:
        values = rng.standard_normal(shape) * np.sqrt(1 / np.prod(shape[1:]))
    elif name.endswith("weight"):
        values = 1 + 0.1 * rng.standard_normal(shape)
    else:
        values = 0.1 * rng.standard_normal(shape)
    return values.astype(np.float32)


def gratings(height: int = 128, width: int = 160) -> NDArray[np.uint8]:
    """Return two frames whose content moves by (3, -2) pixels, uint8 `(2, h, w, 3)`.

    The recipe of the golden `synthetic_128x160_shift3_-2`.
    """
    y, x = np.mgrid[:height, :width].astype(np.float64)

    def picture(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.uint8]:
        channels = [
            127.5
            + 60 * np.sin(0.11 * x + 0.07 * y + c)
            + 40 * np.sin(0.05 * x - 0.13 * y + 2 * c)
            + 20 * np.sin(0.31 * x + 0.23 * y + 3 * c)
            for c in range(3)
        ]
        levels: NDArray[np.float64] = np.rint(np.stack(channels, axis=-1)).clip(0, 255)
        return levels.astype(np.uint8)

    return np.stack([picture(x, y), picture(x - 3, y + 2)])
