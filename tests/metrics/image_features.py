"""Sets of videos as an image encoder would see them, kept as the engine keeps them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lvbench.features.feature_set import FeatureSet

PROVENANCE: Mapping[str, Any] = {"name": "mobilenet_v2", "rate": 2.0}


def video(seed: int, n: int = 24, d: int = 48, step: float = 0.15) -> np.ndarray:
    """Features of one video that wanders from a place of its own, float32 `(n, d)`."""
    rng = np.random.default_rng(seed)
    return (rng.normal(size=d) + step * np.cumsum(rng.normal(size=(n, d)), axis=0)).astype("f4")


def image_set(videos: Sequence[np.ndarray], prompts: Sequence[str] | None = None) -> FeatureSet:
    """Videos by their features, each of its own prompt unless told."""
    ids = tuple(f"v{i:03d}" for i in range(len(videos)))
    times = tuple(np.arange(len(x)) / 2 for x in videos)
    clusters = ids if prompts is None else tuple(prompts)
    return FeatureSet("mobilenet_v2", PROVENANCE, ids, clusters, times, tuple(videos))
