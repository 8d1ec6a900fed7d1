"""Seeded tensors under the names of the published AMT-S checkpoint."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lvbench.features.flow.interpolation_amt import AmtInterpolation

Shapes = dict[str, tuple[int, ...]]


def published_shapes() -> Shapes:
    """Return the shapes of the network's tensors by the names that the checkpoint has."""
    tensors = AmtInterpolation().architecture().state_dict()
    return {_published_name(name): tuple(tensor.shape) for name, tensor in tensors.items()}


def _published_name(name: str) -> str:
    for pattern, original in (
        (r"feature_encoder\.convnormrelu\.0\.", "feat_encoder.conv1."),
        (r"feature_encoder\.conv\.", "feat_encoder.conv2."),
        (r"feature_encoder\.(.*)convnormrelu(\d)\.0\.", r"feat_encoder.\1conv\2."),
        (r"feature_encoder\.", "feat_encoder."),
    ):
        name = re.sub("^" + pattern, original, name)
    return name


def seeded_folder(folder: Path) -> Path:
    """Write a checkpoint as the original writes one, and what puts it in the entry's place."""
    import torch

    tensors = {n: torch.from_numpy(_tensor(n, shape)) for n, shape in published_shapes().items()}
    torch.save({"state_dict": tensors, "epoch": 300}, folder / "seeded.pth")
    (folder / "weights.yaml").write_text("amt_s: seeded.pth\n")
    return folder


def _tensor(name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    rng = np.random.default_rng([7, zlib.crc32(name.encode())])
    values = rng.standard_normal(shape)
    if len(shape) == 4:
        values *= np.sqrt(0.6 / np.prod(shape[1:]))
    elif name.endswith("weight"):
        values = 0.25 + 0.05 * values
    else:
        values *= 0.02
    return values.astype(np.float32)
