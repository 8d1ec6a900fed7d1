"""Measure the onset's false alarms and power: python benchmarks/statistics/onset_rates.py."""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lvbench.stats.onset import find_onset

Floats = NDArray[np.float64]
Source = Callable[[np.random.Generator, int], Floats]


def autoregressive(phi: float) -> Source:
    def draw(rng: np.random.Generator, n: int) -> Floats:
        y = rng.normal(size=n)
        y[1:] *= np.sqrt(1 - phi * phi)
        for i in range(1, n):
            y[i] += phi * y[i - 1]
        return y

    return draw


def random_walk(rng: np.random.Generator, n: int) -> Floats:
    return np.cumsum(rng.normal(size=n))


def slow_sinusoid(rng: np.random.Generator, n: int) -> Floats:
    """Return half a period to three, any phase, with noise of a twentieth of its amplitude."""
    periods, phase = rng.uniform(0.5, 3), rng.uniform(0, 2 * np.pi)
    return np.sin(2 * np.pi * periods * np.arange(n) / n + phase) + 0.05 * rng.normal(size=n)


NULLS: list[tuple[str, Source]] = [
    ("white noise", autoregressive(0.0)),
    ("AR(1) 0.5", autoregressive(0.5)),
    ("AR(1) 0.8", autoregressive(0.8)),
    ("AR(1) 0.95", autoregressive(0.95)),
    ("random walk", random_walk),
    ("slow sinusoid", slow_sinusoid),
    ("Student t, 2 df", lambda rng, n: rng.standard_t(2, size=n)),
]
LENGTHS = (10, 20, 40, 60, 120, 600)


def alarms(draw: Source, n: int, repeats: int) -> float:
    rng = np.random.default_rng((n, 7))
    t = np.arange(n) * 0.5
    return float(np.mean([find_onset(t, draw(rng, n)).p_value <= 0.05 for _ in range(repeats)]))


def power(draw: Source, size: float, n: int, repeats: int) -> tuple[float, float]:
    """Return the share found, and among them the share placed within one segment."""
    rng = np.random.default_rng((n, int(10 * size)))
    t, found, placed = np.arange(n) * 0.5, 0, 0
    for _ in range(repeats):
        k = int(rng.integers(n // 5, n - n // 5))
        onset = find_onset(t, draw(rng, n) + size * (np.arange(n) >= k))
        if onset.p_value <= 0.05:
            found += 1
            placed += abs(onset.time - (t[k - 1] + t[k]) / 2) <= 0.5
    return found / repeats, placed / found if found else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=1000)
    repeats = parser.parse_args().repeats
    print("| without a step | " + " | ".join(f"n = {n}" for n in LENGTHS) + " |")
    print("|---|" + "---|" * len(LENGTHS))
    for name, draw in NULLS:
        rates = [alarms(draw, n, repeats) for n in LENGTHS]
        print(f"| {name} | " + " | ".join(f"{100 * r:.1f} %" for r in rates) + " |", flush=True)
    lengths = LENGTHS[1:-1]
    print("\n| step (sigma), noise | " + " | ".join(f"n = {n}" for n in lengths) + " |")
    print("|---|" + "---|" * len(lengths))
    for name, draw in (NULLS[0], NULLS[1], NULLS[3]):
        for size in (3.0, 4.0, 6.0, 8.0):
            cells = [power(draw, size, n, repeats // 2) for n in lengths]
            row = " | ".join(f"{100 * f:.0f} % ({100 * p:.0f} %)" for f, p in cells)
            print(f"| {size:.0f}, {name} | {row} |", flush=True)


if __name__ == "__main__":
    main()
