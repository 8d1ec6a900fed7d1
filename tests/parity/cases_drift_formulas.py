"""The literature's formulas of drift: worked cases, and LV-Bench's own sum written out."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lvbench.metrics import delta_drift, vde
from tests.parity.case import Case

TOLERANCE = 1e-9
LV_BENCH = "alibaba-damo-academy/Inferix, LV-Bench/vde.py (479c9ba)"
FRAMEPACK = "FramePack, arXiv:2504.12626, equation 7, by hand"


def dropped(chunk: int, n: int = 10) -> NDArray[np.float64]:
    """Return `n` ones, but a half in one chunk, counted from 1."""
    y = np.ones(n)
    y[chunk - 1] = 0.5
    return y


def error(y: ArrayLike, chunks: int, weights: str = "linear") -> float:
    """Return our VDE, which must have a value."""
    values = np.asarray(y)
    found = vde(np.arange(len(values)) / 24, values, chunks, weights).value
    assert found is not None
    return found


def contrast(y: ArrayLike) -> float:
    """Return our start-end contrast, which must have a value."""
    values = np.asarray(y)
    found = delta_drift(np.arange(len(values)) / 24, values).value
    assert found is not None
    return found


def vde_cases() -> list[Case]:
    """Return the worked cases, and the formula evaluated as published on random means."""
    steps = np.arange(10)
    worked = [
        ("decay to a half, 5 chunks", np.linspace(1, 0.5, 5), 5, "linear", 2.5),
        ("decay to a half, 10 chunks", np.linspace(1, 0.5, 10), 10, "linear", 55 / 6),
        ("decay to a half, 20 chunks", np.linspace(1, 0.5, 20), 20, "linear", 35.0),
        ("a half in chunk 2", dropped(2), 10, "linear", 4.5),
        ("a half in chunk 10", dropped(10), 10, "linear", 0.5),
        ("a half in chunk 2, log", dropped(2), 10, "log", 0.5 * np.log(9)),
        ("a half in chunk 10, log", dropped(10), 10, "log", 0.0),
        ("5 % up a chunk", 1 + 0.05 * steps, 10, "linear", 8.25),
        ("5 % down a chunk", 1 - 0.05 * steps, 10, "linear", 8.25),
    ]
    cases = [
        Case(f"VDE, {name}", error(y, n, weights), float(theirs), TOLERANCE, LV_BENCH)
        for name, y, n, weights, theirs in worked
    ]
    for seed in range(3):
        y = np.random.default_rng(seed).uniform(0.2, 1, 240 + seed)
        means = [float(np.mean(y[24 * i : 24 * i + 24])) for i in range(10)]
        for weights in ("linear", "log"):
            theirs = _published(means, weights)
            name = f"VDE, {weights}, {len(y)} random frames, seed {seed}"
            cases.append(Case(name, error(y, 10, weights), theirs, TOLERANCE, LV_BENCH))
    return cases


def _published(means: list[float], weights: str) -> float:
    total = 0.0
    for i in range(2, len(means) + 1):
        weight = float(len(means) - i + 1)
        weight = weight if weights == "linear" else float(np.log(weight))
        total += weight * abs(means[i - 1] - means[0]) / means[0]
    return total


def contrast_cases() -> list[Case]:
    """Return worked cases of the start-end contrast: 15 % of 20 frames are 3."""
    ramp = np.linspace(1, 0.5, 20)
    middle = np.r_[np.ones(3), np.full(14, 0.5), np.ones(3)]
    late = np.r_[np.ones(17), np.full(3, 0.5)]
    worked = [
        ("fall from 1 to 0.5", ramp, 0.5 * 17 / 19),
        ("rise from 0.5 to 1", ramp[::-1], 0.5 * 17 / 19),
        ("a half between the ends alone", middle, 0.0),
        ("a half in the last 15 %", late, 0.5),
        ("constant", np.full(20, 7.0), 0.0),
    ]
    return [
        Case(f"start-end contrast, {name}", contrast(y), theirs, TOLERANCE, FRAMEPACK)
        for name, y, theirs in worked
    ]


def cases() -> list[Case]:
    """Return every case; none needs a file."""
    return [*vde_cases(), *contrast_cases()]
