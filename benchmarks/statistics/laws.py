"""Distributions of clustered items, with mean and median in closed form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

Floats = NDArray[np.float64]
PROMPTS = (8, 30, 120)
SAMPLES = (1, 3)
CELLS = [(prompts, samples) for samples in SAMPLES for prompts in PROMPTS]
HEADS = [f"{prompts} x {samples}" for prompts, samples in CELLS]


@dataclass(frozen=True)
class Law:
    """A distribution, as a transform of standard normal values, which may be correlated.

    Attributes:
        of: Transform of standard normal values.
        mean: Mean of the distribution.
        median: Median of the distribution.
    """

    of: Callable[[Floats], Floats]
    mean: float
    median: float


LAWS = {
    "normal": Law(lambda z: z, 0.0, 0.0),
    "lognormal, skewness 1.75": Law(lambda z: np.exp(z / 2), float(np.exp(1 / 8)), 1.0),
    "exponential, skewness 2": Law(lambda z: -np.log(ndtr(-z)), 1.0, float(np.log(2))),
    "lognormal, skewness 6.2": Law(np.exp, float(np.exp(0.5)), 1.0),
    "share of 20 %": Law(lambda z: (ndtr(z) < 0.2).astype(np.float64), 0.2, 0.0),
}


def labels(prompts: int, samples: int) -> list[int]:
    """Return the prompt of each item."""
    return [i // samples for i in range(prompts * samples)]


def normals(rng: np.random.Generator, prompts: int, samples: int, scores: int = 1) -> Floats:
    """Draw standard normal items `(scores, prompts * samples)`.

    With several samples per prompt, they share half of the variance; two scores of an item have
    correlation one half.
    """
    whole, alone = rng.normal(size=(prompts, samples)), rng.normal(size=(scores, prompts, samples))
    if samples > 1:
        root = np.sqrt(0.5)
        whole = root * (whole + rng.normal(size=(prompts, 1)))
        alone = root * (alone + rng.normal(size=(scores, prompts, 1)))
    z = alone if scores == 1 else np.sqrt(0.5) * (whole + alone)
    return np.asarray(z.reshape(scores, -1))


def row(name: str, cells: list[float]) -> str:
    """Return a row of a Markdown table, in per cent."""
    return f"| {name} | " + " | ".join(f"{100 * c:.1f}" for c in cells) + " |"


def head(name: str) -> str:
    """Return the head of a Markdown table over prompts x samples."""
    return f"| {name} | " + " | ".join(HEADS) + " |\n|---|" + "---|" * len(HEADS)
