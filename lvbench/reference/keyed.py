"""Random numbers as a function of a key, independent of the order of computation."""

from __future__ import annotations

import hashlib

import numpy as np
import torch
from torch import Tensor


def generator(*key: object) -> np.random.Generator:
    """Return the random generator of a key."""
    digest = hashlib.sha256("/".join(map(str, key)).encode()).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest[:16], "little")))


def normal(shape: tuple[int, ...], *key: object) -> Tensor:
    """Return standard normal noise, float32, on the CPU."""
    return torch.from_numpy(generator(*key).standard_normal(shape, dtype=np.float32))
