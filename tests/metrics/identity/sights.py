"""Synthetic features of the extractor `subject`: a scene of random places, a thing in front."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.metrics.base import Metric, VideoContext
from lvbench.results.schema import ItemScore

HEIGHT, WIDTH, DEPTH = 16, 28, 24
SIZE = 6
Array = NDArray[np.float32]


def places(seed: int, height: int = HEIGHT, width: int = WIDTH) -> Array:
    """Return random unit descriptors `(height, width, DEPTH)`, equal in blocks of two by two."""
    made = np.random.default_rng(seed).standard_normal((height // 2, width // 2, DEPTH))
    made /= np.linalg.norm(made, axis=-1, keepdims=True)
    return made.repeat(2, axis=0).repeat(2, axis=1).astype(np.float32)


@dataclass(frozen=True)
class Moment:
    """One sampled time.

    Attributes:
        scene: Descriptors of the scene; its colours are made of the first three.
        thing: Seed of the thing in front of it; None for none.
        at: Its left cell.
        hue: Its colour.
        camera: The camera's motion per second, right and down and growth.
        twice: Whether there is a second thing at the left.
        other: Seed of another thing there, which moves too; None for none.
    """

    scene: Array
    thing: int | None = None
    at: int = 10
    hue: tuple[float, float] = (1.0, 0.0)
    camera: tuple[float, float, float] = (0.0, 0.0, 0.0)
    twice: bool = False
    other: int | None = None


def features(moments: list[Moment]) -> Features:
    """Return the extractor's arrays at half-second steps."""
    n = len(moments)
    local = np.stack([moment.scene for moment in moments])
    hue = np.zeros((n, HEIGHT, WIDTH, 2), np.float32)
    region, others = np.zeros((2, n, HEIGHT, WIDTH), np.float32)
    box = np.zeros((n, 1, 4), np.float32)
    embedding = np.zeros((n, 1, DEPTH), np.float32)
    for i, moment in enumerate(moments):
        if moment.other is not None:
            where = (i, slice(5, 5 + SIZE), slice(2, 2 + SIZE))
            local[where], hue[where], others[where] = places(moment.other, SIZE, SIZE), (0, 1), 1
        if moment.thing is None:
            continue
        body = places(moment.thing, SIZE, SIZE)
        for left in (moment.at, 2) if moment.twice else (moment.at,):
            where = (i, slice(5, 5 + SIZE), slice(left, left + SIZE))
            local[where], hue[where] = body[:, : WIDTH - left], moment.hue
        right = min(moment.at + SIZE, WIDTH)
        region[i, 5 : 5 + SIZE, moment.at : right] = 1
        box[i, 0] = moment.at / WIDTH, 5 / HEIGHT, right / WIDTH, (5 + SIZE) / HEIGHT
        embedding[i, 0] = body.mean(axis=(0, 1))
    camera = np.zeros((n, 4))
    camera[:, :3] = [moment.camera for moment in moments]
    moving = region.mean(axis=(1, 2)).astype(np.float64)
    values = {
        "count": np.array([moment.thing is not None for moment in moments], np.int64),
        "box": box,
        "score": moving[:, None].astype(np.float32),
        "embedding": embedding,
        "local": local,
        "places": local,
        "hue": hue,
        "colour": np.clip(128 + 400 * local[..., :3], 0, 255),
        "region": region,
        "moves": region + others,
        "moving": moving,
        "camera": camera,
        "explained": 1 - moving,
    }
    return Features(np.arange(n) / 2 + 0.1, values)


def scored(
    metric: Metric[Any], moments: list[Moment], context: VideoContext | None = None
) -> ItemScore:
    """Return the metric's score, its features given in blocks of three."""
    found = features(moments)
    state = metric.new_state(context or VideoContext())
    for i in range(0, len(moments), 3):
        part = {name: array[i : i + 3] for name, array in found.values.items()}
        metric.update(state, {"subject": Features(found.t[i : i + 3], part)})
    return metric.item(state)


def value(score: ItemScore) -> float:
    """Return the value of a score that has one."""
    assert score.value is not None, score
    return score.value
