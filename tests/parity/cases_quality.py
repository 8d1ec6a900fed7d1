"""BRISQUE beside OpenCV's, NIQE beside scikit-video's, the aesthetic head beside torch's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lvbench.features.quality.image_quality import ImageQualityExtractor, brisque, niqe
from lvbench.features.quality.natural_scene import brisque_features, niqe_features
from lvbench.features.registry import load
from lvbench.metrics.drift.aesthetic import aesthetic_score
from tests.parity.case import Case

GOLDENS = Path(__file__).with_name("iqa.json")
SINGLE = "the peer computes in single precision; the regression sums 774 terms of up to 1024"


def quality_cases(root: Path) -> list[Case]:
    """Return the comparisons of the goldens that `benchmarks/peers/iqa.py` writes."""
    golden = json.loads(GOLDENS.read_text())
    version = golden["peers"]
    opencv = f"OpenCV {version['opencv-contrib-python-headless']}, cv2.quality"
    skvideo = f"scikit-video {version['scikit-video']}, fixed and with the repository's model"
    extractor = load("image_quality", weights=root / "assets")
    assert isinstance(extractor, ImageQualityExtractor)
    models = extractor.network
    rows = []
    for row in golden["goldens"]:
        luma = _damaged(_luma(root / row["picture"]), row["damage"])
        assert int(luma.astype(np.int64).sum()) == row["sum"], "not the golden's picture"
        name = f"{Path(row['picture']).stem}, {row['damage']}"
        theirs = np.asarray(row["features"])
        ours = brisque_features(luma)
        apart = float(np.abs(ours - theirs).max())
        # A shape is found on a grid of 0.001: rounding may take its neighbour.
        rows.append(
            Case(
                f"BRISQUE's features, {name}: largest gap",
                apart,
                0.0,
                1.1e-3,
                opencv,
                "a step of the grid of shapes",
            )
        )
        rows.append(_score(f"BRISQUE, {name}", brisque(ours, models), row["brisque"], opencv))
        note = "the peer normalises in single precision"
        found = niqe(niqe_features(luma), models)
        rows.append(Case(f"NIQE, {name}", found, row["niqe"], 1e-3, skvideo, note))
    return rows


def _score(name: str, ours: float, theirs: float, source: str) -> Case:
    """Compare two scores of 0 to 100 to a part in a thousand of what they are cut to."""
    if theirs < 1:
        return Case(f"{name}, + 100", ours + 100, theirs + 100, 1e-3, source, SINGLE)
    return Case(name, ours, theirs, 1e-3, source, SINGLE)


def _luma(path: Path) -> NDArray[np.uint8]:
    rgb = np.asarray(Image.open(path).convert("RGB"), np.float64)
    return np.rint(rgb @ (0.299, 0.587, 0.114)).astype(np.uint8)


def _damaged(luma: NDArray[np.uint8], damage: str) -> NDArray[np.uint8]:
    if damage == "noise":
        noise = np.random.RandomState(0).normal(0, 12, luma.shape)
        return np.clip(np.rint(luma + noise), 0, 255).astype(np.uint8)
    return np.asarray(cv2.blur(luma, (3, 3)), np.uint8) if damage == "mean of 3 x 3" else luma


def head_cases(root: Path) -> list[Case]:
    """Return the comparisons of the aesthetic head with the recorded outputs of LAION's."""
    files = root / "assets"
    index: dict[str, dict[str, Any]] = {
        entry["name"]: entry for entry in json.loads((files / "index.json").read_text())
    }
    head = load("aesthetic_vit_b_32", weights=files).network  # type: ignore[attr-defined]
    entry = index["laion_aesthetic_vit_b_32"]
    source = f"{entry['source_repo']} ({entry['commit'][:7]}), torch"
    random = np.random.RandomState(0).randn(4, 512)
    random = (random / np.linalg.norm(random, axis=1, keepdims=True)).astype(np.float32)
    outputs = entry["golden"]["outputs"][0]["first8"]
    ratings = index["clip_vit_b_32_rating_text_embeddings"]
    vectors = np.load(files / ratings["file"])
    wanted = ratings["golden"]["scores_rating0..9"]
    return [
        Case(f"aesthetic head, {name} {i}", float(ours), theirs, 1e-5, source)
        for name, batch, scores in (("random", random, outputs), ("rating", vectors, wanted))
        for i, (ours, theirs) in enumerate(zip(aesthetic_score(batch, head), scores, strict=True))
    ]
