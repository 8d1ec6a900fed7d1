"""Measure the intervals of FVD and its kin: python benchmarks/statistics/fvd_intervals.py.

Features are drawn from the moments of real I3D logits (../shared or LVBENCH_ASSETS), as Gaussians
and with the tails of Student's t with 5 degrees of freedom. Run it with OMP_NUM_THREADS=1.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lvbench.features.feature_set import FeatureMoments
from lvbench.metrics.common.set_comparison import Pair, Side
from lvbench.metrics.common.set_frechet import frechet_interval
from lvbench.metrics.sets.fvd_over_time import FvdOverTime
from lvbench.stats.bootstrap import Interval
from lvbench.stats.extrapolation import Units, extrapolate
from lvbench.stats.frechet import Spread, frechet_of, spread, spread_of_moments
from lvbench.stats.kernel import kernel_distance, kernel_interval
from lvbench.stats.subsampling import jackknife_interval

Floats = NDArray[np.float64]
ROOT = Path(__file__).resolve().parents[2]
ASSETS = Path(os.environ.get("LVBENCH_ASSETS", ROOT.parent / "shared"))
FILES = {"Kinetics": "i3d_kinetics_full", "UCF-101": "i3d_ucf101_full"}
SIZES = (16, 64, 256)
TRIALS = {16: 200, 64: 100, 256: 24}
CASES = [
    (a, b, tail)
    for a, b in (("UCF-101", "UCF-101"), ("Kinetics", "UCF-101"))
    for tail in ("Gaussian", "t(5)")
]


def moments_of(name: str) -> tuple[Spread, FeatureMoments]:
    path = ASSETS / "goldens" / "i3d_statistics" / f"{FILES[name]}_res128_len16_skip1_seed0.npz"
    with np.load(path) as found:
        known = FeatureMoments(found["mean"], found["cov_ddof0"], int(found["n"]))
    return spread_of_moments(known.mean, known.covariance), known


def draw(rng: np.random.Generator, law: Spread, n: int, tail: str) -> Floats:
    z = rng.standard_normal((n, law.factor.shape[1]))
    if tail == "t(5)":
        z *= np.sqrt(3.0 / rng.chisquare(5, (n, 1)))  # unit variance
    return np.asarray(law.mean + z @ law.factor.T)


def side(values: Floats) -> Side:
    each = np.arange(len(values))
    return Side(values, np.zeros(len(values)), each, each, len(values))


def pair(fake: Floats, real: Floats | None, known: FeatureMoments) -> Pair:
    return Pair(side(fake), None if real is None else side(real), known, "real", None)


def delete_twentieths(fake: Floats, real: Floats) -> Interval:
    """Return the interval of the root by leaving out one of twenty groups of a side."""
    rng = np.random.default_rng(0)
    roots = []
    for values, other in ((fake, spread(real)), (real, spread(fake))):
        groups = np.array_split(rng.permutation(len(values)), min(20, len(values)))
        fewer = [np.delete(values, group, axis=0) for group in groups]
        roots.append(np.sqrt([frechet_of(spread(x), other).value for x in fewer]))
    return jackknife_interval(float(np.sqrt(frechet_of(spread(fake), spread(real)).value)), roots)


class Tally:
    """Count the intervals that hold the truth, and compare their width with the spread."""

    def __init__(self, truth: float) -> None:
        self.truth, self.hits, self.values, self.widths = truth, 0, list[float](), list[float]()

    def add(self, value: float, low: float | None, high: float | None) -> None:
        """Count an estimate and its interval."""
        if low is None or high is None:
            raise RuntimeError("16 videos must give an interval")
        self.hits += low <= self.truth <= high
        self.values.append(value)
        self.widths.append(high - low)

    def cell(self) -> str:
        """Return the coverage in per cent, and the width over that of the central 95 %."""
        central = float(np.diff(np.quantile(self.values, [0.025, 0.975]))[0])
        ratio = float(np.mean(self.widths)) / central
        return f"{100 * self.hits / len(self.values):.0f} ({ratio:.1f})"


def expected(a: Spread, b: Spread, n: int, tail: str, repeats: int, fixed: bool) -> float:
    rng = np.random.default_rng((n, 1))
    found = []
    for _ in range(repeats):
        fake = spread(draw(rng, a, n, tail))
        found.append(frechet_of(fake, b if fixed else spread(draw(rng, b, n, tail))).value)
    return float(np.mean(found))


def fvd_rows(scale: float) -> None:
    print("| fake, real, distribution | method | " + " | ".join(f"n = {n}" for n in SIZES) + " |")
    print("|---|---|" + "---|" * len(SIZES))
    for fake, real, tail in CASES:
        (a, _), (b, known) = moments_of(fake), moments_of(real)
        cells: dict[str, list[str]] = {}
        for n in SIZES:
            trials = max(4, int(TRIALS[n] * scale))
            truth = expected(a, b, n, tail, 5 * trials, fixed=False)
            alone = expected(a, b, n, tail, 5 * trials, fixed=True)
            names = ("halves", "twentieths left out", "halves, real set known by moments")
            tallies = {m: Tally(t) for m, t in zip(names, (truth, truth, alone), strict=True)}
            rng = np.random.default_rng(n)
            for seed in range(trials):
                x, y = draw(rng, a, n, tail), draw(rng, b, n, tail)
                parts, found = frechet_interval(pair(x, y, known), 1, 50, seed)
                tallies[names[0]].add(parts.value, found.low, found.high)
                root = delete_twentieths(x, y)
                assert root.low is not None
                assert root.high is not None
                tallies[names[1]].add(parts.value, max(root.low, 0) ** 2, root.high**2)
                parts, found = frechet_interval(pair(x, None, known), 1, 50, seed)
                tallies[names[2]].add(parts.value, found.low, found.high)
            for name, tally in tallies.items():
                cells.setdefault(name, []).append(tally.cell())
        for name, row in cells.items():
            print(f"| {fake}, {real}, {tail} | {name} | {' | '.join(row)} |", flush=True)


def kernel_rows(scale: float) -> None:
    print("\n| kvd: fake, real, distribution | " + " | ".join(f"n = {n}" for n in SIZES) + " |")
    print("|---|" + "---|" * len(SIZES))
    for fake, real, tail in CASES:
        (a, _), (b, _) = moments_of(fake), moments_of(real)
        rng, row = np.random.default_rng(2), []
        large = [(draw(rng, a, 500, tail), draw(rng, b, 500, tail)) for _ in range(100)]
        truth = float(np.mean([kernel_distance(x, y) for x, y in large])) if fake != real else 0.0
        for n in SIZES:
            tally, each = Tally(truth), np.arange(n)
            for _ in range(int(100 * scale) + 4):
                x, y = draw(rng, a, n, tail), draw(rng, b, n, tail)
                found = kernel_interval(x, y, each, each)
                tally.add(found.value, found.low, found.high)
            row.append(tally.cell())
        print(f"| {fake}, {real}, {tail} | {' | '.join(row)} |", flush=True)


def infinite_rows(scale: float) -> None:
    print("\n| fvd_inf of Kinetics from UCF-101 | truth | mean | coverage |\n|---|---|---|---|")
    (a, _), (b, _) = moments_of("Kinetics"), moments_of("UCF-101")
    rng, n = np.random.default_rng(3), 256
    tally = Tally(frechet_of(a, b).value)
    for seed in range(int(16 * scale) + 4):
        sides = [Units(draw(rng, law, n, "Gaussian"), np.arange(n)) for law in (a, b)]
        found = extrapolate(sides[0], sides[1], seed=seed).intercept
        tally.add(found.value, found.low, found.high)
    mean = np.mean(tally.values)
    print(f"| n = {n} | {tally.truth:.0f} | {mean:.0f} | {tally.cell()} |", flush=True)


def walk(law: Spread, videos: int, spans: int, drift: float) -> Callable[[int], Side]:
    """Windows of one video share half of their variance, and neighbours half of the rest."""

    def make(seed: int) -> Side:
        rng = np.random.default_rng((seed, videos))
        rank = law.factor.shape[1]
        own = rng.standard_normal((videos, 1, rank))
        z = rng.standard_normal((videos, spans, rank))
        for k in range(1, spans):
            z[:, k] = 0.5 * z[:, k - 1] + np.sqrt(0.75) * z[:, k]
        x = law.mean + (np.sqrt(0.5) * (own + z)) @ law.factor.T
        # A drift widens the features about their mean: what they lose is agreement with the real.
        x += drift * np.linspace(0, 1, spans)[:, None] * (x - law.mean)
        video = np.repeat(np.arange(videos), spans)
        return Side(
            x.reshape(-1, x.shape[-1]),
            np.tile(np.arange(spans) * 5.0, videos),
            video,
            video,
            videos,
        )

    return make


def trend_rows(scale: float) -> None:
    print("\n| fvd_over_time, 12 spans | slope found at 5 % | end level's interval includes 0 |")
    print("|---|---|---|")
    law, known = moments_of("UCF-101")
    for videos in (16, 32):
        for drift in (0.0, 0.25):
            make, found, held = walk(law, videos, 12, drift), 0, 0
            trials = int(30 * scale) + 4
            for seed in range(trials):
                both = Pair(make(seed), None, known, "real", None)
                scores = FvdOverTime().measure(both, seed)
                p, level = scores["slope_p_value"].value, scores[""]
                assert p is not None
                assert level.ci_low is not None
                assert level.ci_high is not None
                found += p <= 0.05
                held += level.ci_low <= 0 <= level.ci_high
            name = f"{videos} videos, " + (
                f"spread growing by {drift:.0%}" if drift else "no drift"
            )
            print(
                f"| {name} | {100 * found / trials:.0f} % | {100 * held / trials:.0f} % |",
                flush=True,
            )


PARTS = {"fvd": fvd_rows, "kvd": kernel_rows, "fvd_inf": infinite_rows, "over_time": trend_rows}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--scale", type=float, default=1.0, help="share of the trials")
    chosen = parser.parse_args()
    for part in chosen.parts:
        begun = time.process_time()
        PARTS[part](chosen.scale)
        print(f"<!-- {part}: {time.process_time() - begun:.0f} s -->", flush=True)


if __name__ == "__main__":
    main()
