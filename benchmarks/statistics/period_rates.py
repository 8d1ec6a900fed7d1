"""Measure the period search: python benchmarks/statistics/period_rates.py."""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lvbench.stats import find_period

Floats = NDArray[np.float64]
Source = Callable[[np.random.Generator, int], Floats]


def correlated(phi: float) -> Source:
    def draw(rng: np.random.Generator, n: int) -> Floats:
        z = rng.normal(size=n)
        z[1:] *= np.sqrt(1 - phi * phi)
        for i in range(1, n):
            z[i] += phi * z[i - 1]
        return z

    return draw


def spikes(rng: np.random.Generator, n: int) -> Floats:
    z = rng.normal(size=n)
    z[rng.integers(0, n, rng.integers(5, 60))] += rng.exponential(20)
    return z


def still(rng: np.random.Generator, n: int) -> Floats:
    z = np.zeros(n)
    z[rng.integers(0, n, 15)] = 1.0
    return z


def key_frames(rng: np.random.Generator, n: int) -> Floats:
    z = correlated(0.5)(rng, n)
    z[::12] += 0.7
    z[::250] += 1.5
    return z


def comb(period: int, height: float) -> Source:
    def draw(rng: np.random.Generator, n: int) -> Floats:
        z = correlated(0.5)(rng, n)
        z[3::period] += height
        return z

    return draw


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=1000)
    repeats = parser.parse_args().repeats
    lengths = (240, 720, 1440)
    quiet: list[tuple[str, Source]] = [
        ("white noise", correlated(0.0)),
        ("AR(1) 0.8", correlated(0.8)),
        ("lognormal AR(1) 0.5", lambda rng, n: np.exp(correlated(0.5)(rng, n))),
        ("noise and 5 to 60 isolated spikes", spikes),
        ("still picture, 15 jumps", still),
        ("key frames every 12 (0.7) and 250 (1.5)", key_frames),
    ]
    print("| series without seams | " + " | ".join(f"n = {n}" for n in lengths) + " |")
    print("|---|" + "---|" * len(lengths))
    for name, draw in quiet:
        cells = []
        for n in lengths:
            rng = np.random.default_rng(n)
            found = [
                find_period(draw(rng, n), minimum=8, maximum=600) is not None
                for _ in range(repeats)
            ]
            cells.append(f"{100 * np.mean(found):.1f} %")
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)
    heights = (2.0, 3.0, 4.0, 6.0)
    print("\n| comb | " + " | ".join(f"height {h:.0f}" for h in heights) + " |")
    print("|---|" + "---|" * len(heights))
    for n, period in ((240, 16), (240, 48), (1440, 12), (1440, 48), (1440, 300)):
        cells = []
        for height in heights:
            rng = np.random.default_rng(n)
            found = [
                find_period(comb(period, height)(rng, n), minimum=8, maximum=600)
                for _ in range(repeats // 20)
            ]
            right = [f is not None and f.period == period and f.phase == 3 for f in found]
            cells.append(f"{100 * np.mean(right):.0f} %")
        print(f"| every {period} of {n} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
