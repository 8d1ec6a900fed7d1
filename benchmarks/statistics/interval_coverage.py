"""Measure the coverage of 95 % intervals: python benchmarks/statistics/interval_coverage.py."""

from __future__ import annotations

import argparse
import time

import numpy as np
from laws import CELLS, LAWS, Law, head, labels, normals, row

from lvbench.stats import kaplan_meier_median, statistic_interval
from lvbench.stats.bootstrap import Statistic

BLOCK = 100  # trials that share one seed of the resamples
ABSOLUTE = Law(lambda z: z, 0.0, 0.6744897501960817)  # the median of a normal value's size
ROWS: list[tuple[str, Statistic, Law]] = [
    *((f"mean, {name}", "mean", law) for name, law in LAWS.items()),
    ("median, normal", "median", LAWS["normal"]),
    ("median, lognormal, skewness 6.2", "median", LAWS["lognormal, skewness 6.2"]),
    ("median of absolute values, normal", "median_absolute", ABSOLUTE),
]
SURVIVAL = [
    ("Kaplan-Meier median, exponential, videos of 60 s", (60.0, 60.0)),
    ("Kaplan-Meier median, exponential, videos of 20 to 60 s", (20.0, 60.0)),
]


def coverage(statistic: Statistic, law: Law, prompts: int, samples: int, trials: int) -> float:
    """Return the share of intervals that hold the truth."""
    rng, names, hits = np.random.default_rng((prompts, samples)), labels(prompts, samples), 0
    truth = law.mean if statistic == "mean" else law.median
    for trial in range(trials):
        values = law.of(normals(rng, prompts, samples)[0])
        found = statistic_interval(values, names, statistic, seed=trial // BLOCK)
        if found.low is None or found.high is None:
            raise RuntimeError("eight prompts must give an interval")
        hits += found.low <= truth <= found.high
    return hits / trials


def survival_coverage(ends: tuple[float, float], prompts: int, samples: int, trials: int) -> float:
    """Exponential events of mean 20 s; videos end at times that are uniform between `ends`."""
    rng, names, hits = np.random.default_rng((prompts, samples)), labels(prompts, samples), 0
    law = LAWS["exponential, skewness 2"]
    for _ in range(trials):
        event = 20 * law.of(normals(rng, prompts, samples)[0])
        end = rng.uniform(*ends, len(event))
        found = kaplan_meier_median(np.minimum(event, end), event <= end, clusters=names)
        low = np.inf if found.low is None else found.low
        high = np.inf if found.high is None else found.high
        hits += low <= 20 * law.median <= high
    return hits / trials


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=2000)
    parser.add_argument("--only", default="", help="rows whose name begins so")
    chosen, begun = parser.parse_args(), time.process_time()
    trials = chosen.trials
    print(head("statistic, distribution"))
    for name, statistic, distribution in ROWS:
        if not name.startswith(chosen.only):
            continue
        cells = [coverage(statistic, distribution, p, s, trials) for p, s in CELLS]
        print(row(name, cells), flush=True)
    for name, ends in SURVIVAL:
        if not name.startswith(chosen.only):
            continue
        cells = [survival_coverage(ends, p, s, trials) for p, s in CELLS]
        print(row(name, cells), flush=True)
    print(f"<!-- intervals: {time.process_time() - begun:.0f} s -->")


if __name__ == "__main__":
    main()
