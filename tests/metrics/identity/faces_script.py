"""Detections by script: who is seen where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.metrics.base import VideoContext
from lvbench.metrics.identity.identity_drift import IdentityDrift
from lvbench.results.schema import ItemScore

DIMENSIONS = 64
PLACES = [(x, 0.2, x + 0.2, 0.6) for x in (0.0, 0.3, 0.6)]
"""Three places that do not overlap."""

Face = NDArray[np.float64]
Seen = tuple[Face, tuple[float, float, float, float]]


def person(i: int, axis: int = 0) -> Face:
    """Return somebody's embedding; different people's cosine is 0."""
    face = np.zeros(DIMENSIONS)
    face[i + 16 * axis] = 1.0
    return face


def alike(i: int, cosine: float) -> Face:
    """Return an embedding at a cosine to `person(i)` and at right angles to everybody else."""
    face: Face = cosine * person(i) + np.sqrt(1 - cosine**2) * person(i, axis=1)
    return face


def features(frames: Sequence[Sequence[Seen]], start: float = 0.0) -> Features:
    """Return the arrays of a face extractor, two frames a second."""
    n = len(frames)
    box, embedding = np.zeros((n, 8, 4), np.float32), np.zeros((n, 8, DIMENSIONS), np.float32)
    for i, seen in enumerate(frames):
        for j, (face, place) in enumerate(seen):
            # Embeddings come at any length.
            embedding[i, j], box[i, j] = 7 * face, place
    values = {"count": np.array([len(f) for f in frames]), "box": box, "embedding": embedding}
    return Features(start + np.arange(n) / 2, values)


def scored(
    frames: Sequence[Sequence[Seen]],
    persist: Iterable[str] | None = None,
    rate: float = 2.0,
    **parameters: Any,
) -> ItemScore:
    """Return what `identity_drift` says of scripted detections, one frame a segment."""
    metric = IdentityDrift(**parameters)
    allowed = None if persist is None else frozenset(persist)
    state = metric.new_state(VideoContext(1 / rate, persist=allowed))
    for i, frame in enumerate(frames):
        metric.update(state, {metric.needs[0]: features([frame], i / rate)})
    return metric.item(state)
