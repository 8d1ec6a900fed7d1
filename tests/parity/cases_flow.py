"""RAFT-small with the original weights: a synthetic pair, and two frames of Sintel."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from lvbench.features.registry import load
from lvbench.features.warp import grid
from lvbench.video.frames import Frames
from tests.features.raft_tensors import gratings
from tests.parity.case import Case

TOLERANCE = 1e-4
SOURCE = "princeton-vl/RAFT (2888e15), raft-small.pth, 12 iterations"


def golden(root: Path, entry: str, name: str) -> dict[str, Any]:
    """Return a golden output of the folder that holds assets/."""
    index = json.loads((root / "assets" / "index.json").read_text())
    found: dict[str, Any] = next(e for e in index if e["name"] == entry)["golden"][name]
    return found


def sintel(root: Path) -> NDArray[np.uint8]:
    """Return frames 16 and 17, RGB, without their first and last two rows."""
    paths = [root / "assets" / "flow" / f"sintel_frame_00{i}.png" for i in (16, 17)]
    read = [cv2.imread(str(path)) for path in paths]
    pictures = [picture[2:-2, :, ::-1] for picture in read if picture is not None]
    return np.stack(pictures).astype(np.uint8)


def cases(root: Path) -> list[Case]:
    """Return the comparisons of flows and of the error after warping.

    Args:
        root: The folder that holds assets/.
    """
    extractor = load("raft_small", weights=root / "assets", long_side=0)

    def flow(pair: NDArray[np.uint8]) -> NDArray[np.float32]:
        found: NDArray[np.float32] = extractor(Frames(np.arange(2) / 24, rgb=pair))["forward"][0]
        return found

    real = sintel(root)
    found = flow(real)
    return [
        *_of_flow(
            "synthetic 160x128",
            flow(gratings()),
            golden(root, "raft_small", "synthetic_128x160_shift3_-2_iters12"),
        ),
        *_of_flow(
            "Sintel 16 to 17",
            found,
            golden(root, "sintel_frame_0016", "raft_small_flow_0016_to_0017_rows2to-2_iters12"),
        ),
        *_of_warping(real, found),
    ]


def _of_flow(name: str, flow: NDArray[np.float32], expected: dict[str, Any]) -> list[Case]:
    exact = flow.astype(np.float64)
    ours = {
        "norm": float(np.linalg.norm(exact)),
        "mean_u": float(exact[..., 0].mean()),
        "mean_v": float(exact[..., 1].mean()),
    }
    rows = [
        Case(f"RAFT-small, {name}: {key}", value, expected[key], TOLERANCE, SOURCE)
        for key, value in ours.items()
    ]
    for i, (value, theirs) in enumerate(zip(exact[0, :8, 0], expected["first8"], strict=True)):
        row = Case(f"RAFT-small, {name}: u at (0, {i})", float(value), theirs, TOLERANCE, SOURCE)
        rows.append(row)
    return rows


def _of_warping(pair: NDArray[np.uint8], flow: NDArray[np.float32]) -> list[Case]:
    """Compare the mean absolute difference over RGB in [0, 1], zero outside the picture."""
    first, second = (np.ascontiguousarray(p, np.float32) / 255 for p in pair)
    where = grid(*flow.shape[:2]) + flow
    warp: Any = cv2.remap
    warped = warp(second, where, None, cv2.INTER_LINEAR, None, cv2.BORDER_CONSTANT)
    before = float(np.abs(second - first).mean(dtype=np.float64))
    after = float(np.abs(warped - first).mean(dtype=np.float64))
    note = "the reference is printed with four decimals"
    return [
        Case("error between Sintel 16 and 17", before, 0.0446, 2e-3, SOURCE, note),
        Case("error after warping 17 by RAFT-small", after, 0.0140, 4e-3, SOURCE, note),
    ]
