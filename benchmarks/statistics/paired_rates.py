"""Measure paired comparison: python benchmarks/statistics/paired_rates.py.

A score is called changed as `lvbench compare` calls it: its adjusted p-value is below 5 % and its
95 % interval excludes zero.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from laws import CELLS, LAWS, Floats, head, labels, normals, row
from scipy.stats import t as student

from lvbench.stats import (
    PairedValues,
    holm,
    mean_interval,
    paired_difference,
    paired_tests,
    step_down_max_t,
)
from lvbench.stats.sign_flips import sign_flip

SKEWED = LAWS["lognormal, skewness 6.2"]
SPREAD = float(np.sqrt((np.e - 1) * np.e))  # the standard deviation of that law
SCORES = 20
COMPARED = 12
BLOCK = 100


def differences(law: str, rng: np.random.Generator, prompts: int, samples: int) -> Floats:
    """Draw paired differences of mean 0 and standard deviation 1."""
    z = normals(rng, prompts, samples)[0]
    if law == "normal":
        return z
    if law == "lognormal minus lognormal":
        other = normals(rng, prompts, samples)[0]
        return np.asarray((SKEWED.of(z) - SKEWED.of(other)) / (SPREAD * np.sqrt(2)))
    return np.asarray((SKEWED.of(z) - SKEWED.mean) / SPREAD)


def one_test(law: str, shift: float, prompts: int, samples: int, trials: int) -> Floats:
    """Return the shares of p below 5 %, of intervals that hold the truth, of called changes."""
    rng, names = np.random.default_rng((prompts, samples)), labels(prompts, samples)
    found = np.zeros(3)
    for block in range(trials // BLOCK):
        drawn = [differences(law, rng, prompts, samples) + shift for _ in range(BLOCK)]
        p_values = [sign_flip(moved(d, names), block) for d in drawn]
        for d, p in zip(drawn, p_values, strict=True):
            low, high = limits(d, names, block)
            told = not low <= 0 <= high
            found += p < 0.05, low <= shift <= high, told and p < 0.05
    return found / (trials // BLOCK * BLOCK)


def many_tests(shift: float, scores: int, prompts: int, samples: int, trials: int) -> Floats:
    """Return the shares of trials with a finding by Holm and by the step-down maximum.

    Without a shift a finding is any score that is called changed; with one, the first score.
    """
    rng, names = np.random.default_rng((prompts, samples, 1)), labels(prompts, samples)
    found = np.zeros(2)
    for trial in range(trials):
        d = normals(rng, prompts, samples, scores)
        d[0] += shift
        apart = holm([sign_flip(moved(x, names), 0) for x in d])
        joint = step_down_max_t([moved(x, names) for x in d])
        for k, p in enumerate((apart, joint)):
            passed = [x for x, own in zip(d[: 1 if shift else None], p, strict=False) if own < 0.05]
            spans = [limits(x, names, trial // BLOCK) for x in passed]
            found[k] += any(not low <= 0 <= high for low, high in spans)
    return found / trials


def of_medians(
    shift: float | None, level: float, prompts: int, samples: int, trials: int
) -> Floats:
    """Return the shares of p below 5 %, of intervals that hold the truth, of called changed.

    Base and head are lognormal of sigma 1 before the shift, both around a level of the prompt that
    spreads `level` times as much as they do. Without a shift of its own, the head is moved by the
    smallest detectable difference.
    """
    rng, names = np.random.default_rng((prompts, samples, 2)), labels(prompts, samples)
    found = np.zeros(3)
    for _ in range(trials):
        common = level * SPREAD * rng.normal(size=prompts)[names]
        base, head = (common + SKEWED.of(normals(rng, prompts, samples)[0]) for _ in "bh")
        by = shift
        if by is None:
            by = paired_difference(base, head, names, statistic="median").minimum_detectable or 0.0
        (test,) = paired_tests([PairedValues(base, head + by, names, "median")])
        low, high = test.result.low, test.result.high
        assert low is not None
        assert high is not None
        found += (test.p_adjusted or 0.0) < 0.05, low <= by <= high, test.moved != 0
    return found / trials


def moved(difference: Floats, names: list[int]) -> PairedValues:
    """Return differences as those of a head from a base that is 0."""
    return PairedValues(np.zeros(len(difference)), difference, names)


def limits(difference: Floats, names: list[int], seed: int) -> tuple[float, float]:
    """Return the limits of the mean difference, as `paired_difference` gives them."""
    interval = mean_interval(difference, names, seed=seed)
    assert interval.low is not None
    assert interval.high is not None
    return interval.low, interval.high


def detectable(prompts: int) -> float:
    """Return the smallest detectable difference in standard deviations, one sample a prompt."""
    freedom = prompts - 1
    return float((student.ppf(0.975, freedom) + student.ppf(0.8, freedom)) / np.sqrt(prompts))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=2000)
    trials, begun = parser.parse_args().trials, time.process_time()
    print(head("no change: distribution of the differences"))
    for law in ("normal", "lognormal minus lognormal", "lognormal of mean 0"):
        shares = np.array([one_test(law, 0.0, p, s, trials) for p, s in CELLS])
        for k, what in enumerate(("p below 5 %", "interval includes 0", "called changed")):
            print(row(f"{law}: {what}", list(shares[:, k])), flush=True)
    shares = np.array([many_tests(0.0, SCORES, p, s, trials // 2) for p, s in CELLS])
    for k, what in enumerate(("Holm", "step-down maximum")):
        print(row(f"any of {SCORES} normal scores called changed, {what}", list(shares[:, k])))
    print("\n" + head("a change of one standard deviation is found"))
    cells = [one_test("normal", 1.0, p, s, trials)[2] for p, s in CELLS]
    print(row("1 score tested", cells), flush=True)
    shares = np.array([many_tests(1.0, COMPARED, p, s, trials // 2) for p, s in CELLS])
    for k, what in enumerate(("Holm", "step-down maximum")):
        print(row(f"{COMPARED} scores tested, {what}", list(shares[:, k])), flush=True)
    cells = [one_test("normal", detectable(p), p, 1, trials)[0] for p, s in CELLS if s == 1]
    print("\n| a change of the smallest detectable size has p below 5 % | 8 | 30 | 120 |")
    print("|---|---|---|---|\n" + row("1 score tested, one sample a prompt", cells))
    print("\n" + head("difference of two medians"))
    for level in (0.0, 3.0):
        what = f"prompts spread {level:g} times as much as samples"
        shares = np.array([of_medians(0.0, level, p, s, trials // 2) for p, s in CELLS])
        for k, name in enumerate(("p below 5 %", "interval includes 0", "called changed")):
            print(row(f"no change, {what}: {name}", list(shares[:, k])), flush=True)
        found = [of_medians(None, level, p, s, trials // 2)[2] for p, s in CELLS]
        print(row(f"smallest detectable change, {what}: found", found), flush=True)
    print(f"<!-- paired: {time.process_time() - begun:.0f} s -->")


if __name__ == "__main__":
    main()
