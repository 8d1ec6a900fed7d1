"""Sets of features for the distances between sets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from lvbench.features.feature_set import FeatureMoments, FeatureSet, RealSetStatistics
from lvbench.stats.frechet import moments

PROVENANCE: Mapping[str, Any] = {
    "name": "i3d",
    "preprocessing": "half-pixel-224",
    "rate": None,
    "windows": {"length": 16, "start": 0.0, "every": None, "most": 0},
    "batch": 1,
    "parameters": {"batch_norm_epsilon": 1e-3},
    "weights": "ab" * 32,
}


def feature_set(
    videos: int,
    *,
    windows: int = 1,
    d: int = 12,
    seed: int = 0,
    shift: float = 0.0,
    drift: float = 0.0,
    noise: float = 0.3,
) -> FeatureSet:
    """Videos whose windows lie around a point of their own, and move by `drift` to the end."""
    rng = np.random.default_rng(seed)
    t = np.arange(windows) * 2.0 + 0.3
    away = np.linspace(0, drift, windows)[:, None]
    features = tuple(
        (rng.normal(size=d) + noise * rng.normal(size=(windows, d)) + shift + away).astype("f4")
        for _ in range(videos)
    )
    ids = tuple(f"v{i:04d}" for i in range(videos))
    return FeatureSet("i3d", PROVENANCE, ids, ids, (t,) * videos, features)


def reference(found: FeatureSet, *, features: bool = True) -> RealSetStatistics:
    """A real set as a reference, with its features or its moments alone."""
    stacked = found.stacked()
    known = FeatureMoments(*moments(stacked), len(stacked))
    facts = {"videos": len(found.videos)}
    return RealSetStatistics("real", found.provenance, facts, known, found if features else None)


def with_provenance(found: FeatureSet, **changed: Any) -> FeatureSet:
    """The same features, made in another way."""
    return replace(found, provenance={**found.provenance, **changed})
