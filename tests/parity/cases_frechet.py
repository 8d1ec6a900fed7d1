"""Distances between sets: known Gaussians, known features, real I3D statistics and their floors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.stats import (
    frechet_distance,
    frechet_distance_from_moments,
    kernel_distance,
    nearest_neighbours,
)
from lvbench.stats.frechet import frechet_of, spread, spread_of_moments
from tests.parity.case import Case

TOLERANCE = 1e-4
# Rounding of the reference's own matrix root, where the true distance is 0.
ZERO = 1e-9
FLOOR_SIZES = (16, 32, 64, 128, 256, 512)
LIKE_OURS = {
    "fvd-comparison compute_fvd (np.cov ddof 1, scipy sqrtm) float64 in": 1,
    "clean-fid frechet_distance (sqrtm, eps 1e-6 only if not finite)": 1,
    "pytorch-fid calculate_frechet_distance": 1,
    "torch-fidelity fid_statistics_to_metric (eigvals)": 1,
    "torchmetrics formula (eigvals) float64": 1,
    "VideoGPT frechet_distance (torch svd, float64)": 1,
    "stylegan-v / cd-fvd (FeatureStats ddof 0, scipy sqrtm)": 0,
}
"""Implementations that compute the same quantity, with their ddof."""
UNLIKE_OURS = (
    "VideoGPT frechet_distance (torch svd, float32)",
    "torchmetrics formula (eigvals) float32",
    "FVMD calculate_fd_given_vectors (eps 1e-5 added inside the root always)",
)
"""What others print in float32 or with an epsilon: listed in notes, not matched."""


def goldens(root: Path) -> dict[str, Any]:
    """Return fvd.json of the folder that holds goldens/."""
    found: dict[str, Any] = json.loads((root / "goldens" / "fvd.json").read_text())
    return found


def known(seed: int, n: int, d: int, shift: float = 0.0, scale: float = 1.0) -> NDArray[np.float32]:
    """Return the features of the recipe `known_features`."""
    base = np.random.default_rng(1000 + d).standard_normal((d, d)) / np.sqrt(d)
    drawn = scale * np.random.default_rng(seed).standard_normal((n, d)) @ base + shift
    return drawn.astype(np.float32)


M1 = "M1: X=known(10,512,32), Y=known(11,640,32,shift=0.1,scale=1.2)"
M4 = "M4: identical X=Y=known(16,256,64)"


def known_sets() -> dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Return the golden feature sets by name."""
    same = known(16, 256, 64)
    return {M1: (known(10, 512, 32), known(11, 640, 32, 0.1, 1.2)), M4: (same, same)}


def others(found: dict[str, float]) -> str:
    """Return what is printed elsewhere for the same input, for a note."""
    return "; ".join(f"{name}: {found[name]:.7g}" for name in UNLIKE_OURS if name in found)


def gaussian_cases(root: Path) -> list[Case]:
    """Two Gaussians of three dimensions, written out."""
    given = goldens(root)["known_gaussians"]
    ours = frechet_distance_from_moments(*(given[k] for k in ("mu1", "sigma1", "mu2", "sigma2")))
    shifted = given["FVMD calculate_frechet_distance"]
    return [
        Case(
            f"Fréchet, two Gaussians: {name}",
            ours,
            given[name],
            TOLERANCE,
            "goldens/fvd.json, known_gaussians",
            f"with 1e-5 added inside the root FVMD prints {shifted:.7g}",
        )
        for name in ("clean-fid frechet_distance", "torch-fidelity fid_statistics_to_metric")
    ]


def feature_cases(root: Path) -> list[Case]:
    """Known features through seven implementations in float64."""
    golden = goldens(root)["known_features"]["frechet"]
    cases = []
    for name, (x, y) in known_sets().items():
        for implementation, ddof in LIKE_OURS.items():
            theirs = golden[name][implementation]
            zero = abs(theirs) < ZERO
            cases.append(
                Case(
                    f"Fréchet, {name.split(':')[0]}, ddof {ddof}: {implementation}",
                    frechet_distance(x, y, ddof),
                    0.0 if zero else theirs,
                    ZERO if zero else TOLERANCE,
                    "goldens/fvd.json, known_features",
                    others(golden[name]),
                )
            )
    constant = np.ones((16, 400))
    cases.append(
        Case(
            "Fréchet, M5: constant rows 0.5 and -0.25, 400 dimensions",
            frechet_distance(0.5 * constant, -0.25 * constant),
            400 * 0.75**2,
            TOLERANCE,
            "exact: 400 times 0.75 squared",
        )
    )
    return cases


def few_sample_cases() -> list[Case]:
    """M2 and M3: sets of 400 dimensions, against the textbook formula with scipy's matrix root."""
    from scipy.linalg import sqrtm

    cases = []
    for name, x, y, tolerance, note in (
        (
            "M2: 64 samples in 400 dimensions",
            known(12, 64, 400),
            known(13, 64, 400, 0.05, 0.9),
            TOLERANCE,
            "",
        ),
        ("M3: 2,048 in 400", known(14, 2048, 400), known(15, 2048, 400), TOLERANCE, ""),
    ):
        a, b = (np.cov(z.astype(np.float64), rowvar=False) for z in (x, y))
        gap = x.mean(0, dtype=np.float64) - y.mean(0, dtype=np.float64)
        root = np.real(np.trace(sqrtm(a @ b)))
        theirs = float(gap @ gap + np.trace(a) + np.trace(b) - 2 * root)
        cases.append(
            Case(f"Fréchet, {name}", frechet_distance(x, y), theirs, tolerance, "scipy sqrtm", note)
        )
    return cases


def kernel_cases(root: Path) -> list[Case]:
    """KVD, and what other packages call by other names: parameters of one function."""
    golden = goldens(root)["mmd"]
    sets: dict[str, Any] = dict(known_sets())
    tiny = "tiny: X=arange(1,10).reshape(3,3), Y=[[7,6,5],[4,3,2],[1,1,8],[0,2,5]]"
    rows = [[7, 6, 5], [4, 3, 2], [1, 1, 8], [0, 2, 5]]
    sets[tiny] = (np.arange(1, 10).reshape(3, 3), np.array(rows))
    variants: dict[str, tuple[dict[str, Any], float]] = {
        "TATS/LVDM polynomial_mmd (KVD: degree 3, gamma 1/d, coef0 1, unbiased) float64": ({}, 1),
        "TATS polynomial_mmd": ({}, 1),
        "JEDi mmd_poly(degree 2, gamma 1/d, coef0 0, biased)*100 float64": (
            {"degree": 2, "coef0": 0.0, "unbiased": False},
            100,
        ),
        "JEDi mmd_poly(degree 3, coef0 1, biased) float64": ({"unbiased": False}, 1),
        "JEDi mmd_poly degree 2 coef0 0 gamma None(1/3)": (
            {"degree": 2, "coef0": 0.0, "unbiased": False},
            1,
        ),
        "JEDi mmd_poly degree 3 coef0 1 gamma None(1/3)": ({"unbiased": False}, 1),
        "JEDi mmd_poly degree 2 coef0 0 gamma 1": (
            {"degree": 2, "coef0": 0.0, "gamma": 1.0, "unbiased": False},
            1,
        ),
        "JEDi mmd_poly degree 3 coef0 1 gamma 1": ({"gamma": 1.0, "unbiased": False}, 1),
    }
    cases = []
    for name, (x, y) in sets.items():
        for variant, (arguments, factor) in variants.items():
            if variant not in golden[name]:
                continue
            theirs = golden[name][variant]
            cases.append(
                Case(
                    f"kernel distance, {name.split(':')[0]}: {variant}",
                    factor * kernel_distance(x, y, **arguments),
                    theirs,
                    TOLERANCE if theirs else ZERO,
                    "goldens/fvd.json, mmd",
                )
            )
    return cases + _subset_cases(golden, sets)


def _subset_cases(golden: dict[str, Any], sets: dict[str, Any]) -> list[Case]:
    """KID as torch-fidelity and clean-fid estimate it: the mean over their draws of subsets."""
    x, y = sets[M1]
    fidelity = "torch-fidelity kernel_mmd unbiased on the first min(n,m) rows float64"
    cases = [
        Case(
            f"kernel distance, M1: {fidelity}",
            kernel_distance(x[:512], y[:512]),
            golden[M1][fidelity],
            TOLERANCE,
            "goldens/fvd.json, mmd",
        )
    ]
    torch_fidelity = np.random.RandomState(2020)
    clean_fid = np.random.RandomState(0)
    for name, rng, swapped in (
        ("torch-fidelity KID mean (100 subsets of 50, RandomState(2020))", torch_fidelity, False),
        ("clean-fid kernel_distance (np.random.seed(0), 100 subsets of 50)", clean_fid, True),
    ):
        drawn = []
        for _ in range(100):
            first, second = (y, x) if swapped else (x, y)
            a = first[rng.choice(len(first), 50, replace=False)]
            b = second[rng.choice(len(second), 50, replace=False)]
            drawn.append(kernel_distance(a, b))
        cases.append(
            Case(
                f"kernel distance, M1: {name}",
                float(np.mean(drawn)),
                golden[M1][name],
                TOLERANCE,
                "goldens/fvd.json, mmd",
            )
        )
    return cases


def neighbour_cases() -> list[Case]:
    """The published code of density and coverage, run on known features with k = 5."""
    theirs = {
        "known(11,640,32,shift=0.1,scale=1.2)": (
            known(11, 640, 32, 0.1, 1.2),
            {"precision": 0.55, "recall": 0.982421875, "density": 0.28125, "coverage": 0.73828125},
        ),
        "known(17,384,32,shift=0.3,scale=0.6)": (
            known(17, 384, 32, 0.3, 0.6),
            {"precision": 1.0, "recall": 0.04296875, "density": 4.2046875, "coverage": 0.95703125},
        ),
    }
    real = known(10, 512, 32)
    return [
        Case(
            f"{quantity} of {name} against known(10,512,32), k = 5",
            float(getattr(nearest_neighbours(real, fake), quantity).mean()),
            value,
            TOLERANCE,
            "clovaai/generative-evaluation-prdc, prdc/prdc.py (e320c1d), run on these features",
        )
        for name, (fake, values) in theirs.items()
        for quantity, value in values.items()
    ]


def statistics_of(root: Path, name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and covariance (ddof 0) of the real I3D logits of a data set."""
    with np.load(root / "goldens" / "i3d_statistics" / f"{name}.npz") as found:
        return found["mean"], found["cov_ddof0"]


def real_statistics_cases(root: Path) -> list[Case]:
    """Distances between real sets, from the pretrained network's published moments."""
    cases = []
    for golden in goldens(root)["real_i3d_statistics"]["frechet_ddof0"]:
        a, b = golden["a"], golden["b"]
        one, other = (spread_of_moments(*statistics_of(root, name)) for name in (a, b))
        parts = frechet_of(one, other)
        source = "content-debiased FVD's published statistics; goldens/fvd.json"
        cases += [
            Case(f"FVD {a} - {b}, ddof 0", parts.value, golden["fd"], TOLERANCE, source),
            Case(f"its mean part, {a} - {b}", parts.mean_part, golden["mean_part"], 1e-4, source),
        ]
    return cases


def floor_cases(root: Path) -> list[Case]:
    """What two samples of one distribution give at each size (mean of three Gaussian draws)."""
    golden = goldens(root)["real_i3d_statistics"]["same_distribution_fd_by_sample_size"]
    cases = []
    for name, found in golden["by_statistics"].items():
        known_spread = spread_of_moments(*statistics_of(root, name))
        for n in FLOOR_SIZES:
            drawn = []
            for repeat in range(3):
                rng = np.random.default_rng([7, n, repeat])
                x, y = (
                    known_spread.mean + rng.standard_normal((n, 400)) @ known_spread.factor.T
                    for _ in range(2)
                )
                drawn.append(frechet_of(spread(x), spread(y)).value)
            cases.append(
                Case(
                    f"floor of {name} at n = {n}",
                    float(np.mean(drawn)),
                    found["fd_by_n"][str(n)]["mean"],
                    TOLERANCE,
                    "goldens/fvd.json, same_distribution_fd_by_sample_size",
                )
            )
    return cases


def cases(root: Path) -> list[Case]:
    """Return every case that needs no network; `root` holds goldens/."""
    return [
        *gaussian_cases(root),
        *feature_cases(root),
        *few_sample_cases(),
        *kernel_cases(root),
        *neighbour_cases(),
        *real_statistics_cases(root),
        *floor_cases(root),
    ]
