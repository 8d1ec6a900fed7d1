"""Measure the onset's false alarms and power: python benchmarks/statistics/onset_rates.py."""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lvbench.stats.onset import find_onset

Floats = NDArray[np.float64]
# Long series cost more, and their rates are far from the limit.
FEWER = {60: 2, 120: 2, 600: 4}
Source = Callable[[np.random.Generator, int], Floats]


def autoregressive(phi: float) -> Source:
    def draw(rng: np.random.Generator, n: int) -> Floats:
        y = rng.normal(size=n)
        y[1:] *= np.sqrt(1 - phi * phi)
        for i in range(1, n):
            y[i] += phi * y[i - 1]
        return y

    return draw


def alarms(draw: Source, n: int, repeats: int) -> float:
    rng = np.random.default_rng(n)
    t = np.arange(n) * 0.5
    return float(np.mean([find_onset(t, draw(rng, n)).p_value <= 0.05 for _ in range(repeats)]))


def power(shape: str, size: float, n: int, phi: float, repeats: int) -> tuple[float, float]:
    """Return the share found, and among them the share placed within one segment."""
    rng = np.random.default_rng((n, int(10 * size)))
    t, k, draw = np.arange(n) * 0.5, n // 2, autoregressive(phi)
    after = np.maximum(np.arange(n) - k, 0) / (n - 1 - k)
    signal = size * (after if shape == "ramp" else np.arange(n) >= k)
    truth = t[k] if shape == "ramp" else (t[k - 1] + t[k]) / 2
    onsets = [find_onset(t, signal + draw(rng, n)) for _ in range(repeats)]
    found = [o for o in onsets if o.p_value <= 0.05]
    placed = [abs(o.time - truth) <= 0.5 for o in found]
    return len(found) / repeats, float(np.mean(placed)) if placed else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=1000)
    repeats = parser.parse_args().repeats
    lengths = (10, 20, 60, 120, 600)
    sources: list[tuple[str, Source]] = [
        *((f"AR(1) {phi}", autoregressive(phi)) for phi in (0.0, 0.5, 0.8, 0.9)),
        ("Student t, 2 df", lambda rng, n: rng.standard_t(2, size=n)),
    ]
    print("| noise | " + " | ".join(f"n = {n}" for n in lengths) + " |")
    print("|---|" + "---|" * len(lengths))
    for name, draw in sources:
        rates = [alarms(draw, n, repeats // FEWER.get(n, 1)) for n in lengths]
        print(f"| {name} | " + " | ".join(f"{100 * r:.1f} %" for r in rates) + " |", flush=True)
    lengths = (20, 60, 120)
    print("\n| break (sigma), noise | " + " | ".join(f"n = {n}" for n in lengths) + " |")
    print("|---|" + "---|" * len(lengths))
    for shape, phi in (("step", 0.0), ("step", 0.5), ("ramp", 0.0)):
        for size in (1.0, 2.0, 3.0):
            cells = [power(shape, size, n, phi, repeats // 10) for n in lengths]
            row = " | ".join(f"{100 * f:.0f} % ({100 * p:.0f} %)" for f, p in cells)
            print(f"| {shape} of {size:.0f}, AR(1) {phi} | {row} |", flush=True)


if __name__ == "__main__":
    main()
