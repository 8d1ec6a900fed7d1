"""Random numbers that are a function of their key: no order of work can move them."""

from __future__ import annotations

import hashlib

import numpy as np
import torch
from torch import Tensor


def generator(*key: object) -> np.random.Generator:
    """Return a generator of random numbers for one purpose, named by its key."""
    digest = hashlib.sha256("/".join(map(str, key)).encode()).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest[:16], "little")))


def normal(shape: tuple[int, ...], *key: object) -> Tensor:
    """Return standard normal noise, float32, on the CPU."""
    return torch.from_numpy(generator(*key).standard_normal(shape, dtype=np.float32))
