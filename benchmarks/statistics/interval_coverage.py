"""Measure the coverage of 95 % intervals: python benchmarks/statistics/interval_coverage.py."""

from __future__ import annotations

import argparse

import numpy as np

from lvbench.stats import kaplan_meier_median, statistic_interval
from lvbench.stats.bootstrap import Statistic

CLUSTERS = (8, 15, 30, 60)
NORMAL_MEDIAN_ABSOLUTE = 0.6744897501960817
TRUTH: dict[tuple[Statistic, str], float] = {
    ("mean", "normal"): 0.0,
    ("mean", "lognormal"): float(np.exp(0.5)),
    ("median", "normal"): 0.0,
    ("median", "lognormal"): 1.0,
    ("median_absolute", "normal"): NORMAL_MEDIAN_ABSOLUTE,
}


def coverage(statistic: Statistic, law: str, clusters: int, size: int, repeats: int) -> float:
    """Return the share of intervals that hold the truth; half of the variance lies in clusters."""
    rng = np.random.default_rng((clusters, size))
    labels, hits = [i // size for i in range(clusters * size)], 0
    for seed in range(repeats):
        shared = rng.normal(size=(clusters, 1)) * np.sqrt(0.5 if size > 1 else 0.0)
        own = rng.normal(size=(clusters, size)) * np.sqrt(0.5 if size > 1 else 1.0)
        values = (shared + own).ravel()
        values = np.exp(values) if law == "lognormal" else values
        interval = statistic_interval(values, labels, statistic, seed=seed)
        if interval.low is None or interval.high is None:
            raise RuntimeError("eight clusters must give an interval")
        hits += interval.low <= TRUTH[statistic, law] <= interval.high
    return hits / repeats


def survival_coverage(clusters: int, size: int, repeats: int) -> float:
    """Exponential events of mean 20 s, videos of 60 s; clusters share a factor of the rate."""
    rng = np.random.default_rng((clusters, size))
    labels, hits = [i // size for i in range(clusters * size)], 0
    # The median of the mixture, by its own large sample; without sharing it is 20 ln 2.
    pool = rng.normal(size=400_000) * 0.5 * (size > 1)
    truth = float(np.median(rng.exponential(20, 400_000) * np.exp(pool)))
    for seed in range(repeats):
        shared = np.repeat(rng.normal(size=clusters) * 0.5 * (size > 1), size)
        event = rng.exponential(20, clusters * size) * np.exp(shared)
        result = kaplan_meier_median(
            np.minimum(event, 60.0), event <= 60.0, clusters=labels, seed=seed
        )
        low = np.inf if result.low is None else result.low
        high = np.inf if result.high is None else result.high
        hits += low <= truth <= high
    return hits / repeats


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=2000)
    repeats = parser.parse_args().repeats
    heads = [f"{c} x {s}" for s in (1, 3) for c in CLUSTERS]
    print("| statistic, law | " + " | ".join(heads) + " |")
    print("|---|" + "---|" * len(heads))
    for statistic, law in TRUTH:
        cells = [coverage(statistic, law, c, s, repeats) for s in (1, 3) for c in CLUSTERS]
        row = " | ".join(f"{100 * c:.1f}" for c in cells)
        print(f"| {statistic}, {law} | {row} |", flush=True)
    cells = [survival_coverage(c, s, repeats // 2) for s in (1, 3) for c in CLUSTERS]
    print("| Kaplan-Meier median | " + " | ".join(f"{100 * c:.1f}" for c in cells) + " |")


if __name__ == "__main__":
    main()
