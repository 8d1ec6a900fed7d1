"""FVD of the seeded videos A and B under every preset, and what else is printed for them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lvbench.metrics import fvd, kvd
from lvbench.metrics.common.fvd_presets import PRESETS
from tests.parity.case import Case
from tests.seeded import gradient_videos, seeded_i3d_network

TOLERANCE = 1e-4
# Preset: the goldens' name of its features, and of the code whose distance it computes.
GOLDENS = {
    "original": (
        "tf_legacy_resize+eps1e-3 | A vs B",
        "TFGAN formula executed in TensorFlow float64",
    ),
    "styleganv": (
        "styleganv_pre+eps1e-3 | A vs B",
        "stylegan-v / cd-fvd (FeatureStats ddof 0, scipy sqrtm)",
    ),
    "videogpt": (
        "videogpt_pre+eps1e-5 | A vs B",
        "VideoGPT frechet_distance (torch svd, float64)",
    ),
    "cdfvd": (
        "cdfvd_pre+eps1e-5 | A vs B",
        "stylegan-v / cd-fvd (FeatureStats ddof 0, scipy sqrtm)",
    ),
}
ELSEWHERE = {
    "VideoGPT frechet_distance (torch svd, float32)": "VideoGPT's float32 root",
    "torchmetrics formula (eigvals) float32": "torchmetrics in float32",
    "FVMD calculate_fd_given_vectors (eps 1e-5 added inside the root always)": "1e-5 in the root",
}
KVD = "TATS/LVDM polynomial_mmd (KVD: degree 3, gamma 1/d, coef0 1, unbiased) float64"


def preset_cases(root: Path, presets: Iterable[str] = PRESETS) -> list[Case]:
    """Return FVD under presets; each network and resize takes half a minute on one core.

    Args:
        root: The folder that holds goldens/.
        presets: Which ones.
    """
    golden = _goldens(root)["fvd_seeded_i3d"]
    cases = []
    for name in presets:
        features, implementation = GOLDENS[name]
        network = seeded_i3d_network(root / "goldens", PRESETS[name].batch_norm_epsilon)
        result = fvd(gradient_videos(0), gradient_videos(1), preset=name, network=network)
        printed = [f"{what}: {golden[features][key]:.8g}" for key, what in ELSEWHERE.items()]
        cases.append(
            Case(
                f"FVD of A and B, preset {name}",
                result.value,
                golden[features][implementation],
                TOLERANCE,
                implementation,
                "elsewhere on these features: " + "; ".join(printed),
            )
        )
    return cases


def kernel_cases(root: Path) -> list[Case]:
    """Return KVD of A and B with StyleGAN-V's features."""
    network = seeded_i3d_network(root / "goldens", 1e-3)
    result = kvd(gradient_videos(0), gradient_videos(1), preset="styleganv", network=network)
    theirs = _goldens(root)["mmd"]["styleganv_pre+eps1e-3 | A vs B"][KVD]
    return [Case("KVD of A and B, preset styleganv", result.value, theirs, TOLERANCE, KVD)]


def cases(root: Path) -> list[Case]:
    """Return all cases; `root` holds goldens/."""
    return [*preset_cases(root), *kernel_cases(root)]


def _goldens(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((root / "goldens" / "fvd.json").read_text())
    return found
