"""RAFT with the original weights and seeded ones, VBench's reading of it, and AMT-S."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from lvbench.features.flow.interpolation_amt import AmtInterpolation
from lvbench.features.flow.raft import VbenchFlow
from lvbench.features.flow.warp import grid
from lvbench.features.network import Place
from lvbench.features.registry import load
from lvbench.video.frames import Frames
from tests.features.flow import amt_tensors, raft_tensors
from tests.features.flow.raft_tensors import gratings
from tests.parity.case import Case
from tests.seeded import read_bgr

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
    return np.stack([read_bgr(path)[2:-2, :, ::-1] for path in paths])


def cases(root: Path) -> list[Case]:
    """Return the comparisons of flows, of the error after warping and of interpolation.

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
        *_of_seeded_weights(),
        _of_largest_flows(root),
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


def _of_seeded_weights() -> list[Case]:
    """Compare the networks whose weights are not at hand, with weights that a recipe makes."""
    pair = gratings()
    with TemporaryDirectory() as folder:
        weights = raft_tensors.seeded_folder(Path(folder))
        large = load("raft_large", weights=weights, long_side=0, iterations=4)
        flow = large(Frames(np.arange(2) / 24, rgb=pair))["forward"][0].astype(np.float64)
    with TemporaryDirectory() as folder:
        amt = load("interpolation_amt_s", weights=amt_tensors.seeded_folder(Path(folder)))
        assert isinstance(amt, AmtInterpolation)
        between = amt.between(*pair)
    original = "princeton-vl/RAFT (2888e15) on seeded weights, 4 iterations"
    vbench = "AMT-S as in Vchitect/VBench (45e79ec) on seeded weights"
    values = (float(np.linalg.norm(flow)), *(float(v) for v in flow.mean(axis=(0, 1))))
    theirs = (2597.5586372458265, -1.3987348119873786, -15.746472700638696)
    return [
        *(
            Case(f"RAFT-large, synthetic 160x128: {key}", ours, expected, TOLERANCE, original)
            for key, ours, expected in zip(
                ("norm", "mean_u", "mean_v"), values, theirs, strict=True
            )
        ),
        Case("AMT-S, sum of the 8-bit frame", float(between.sum()), 5857938, TOLERANCE, vbench),
    ]


def _of_largest_flows(root: Path) -> Case:
    extractor = VbenchSmall(iterations=12)
    extractor.attach(Place(root / "assets"))
    found = extractor(Frames(np.arange(2) / 8, rgb=gratings(131, 150)))
    name = "VBench dynamic degree, mean of the largest 5 % of RAFT-small's flow"
    source = "Vchitect/VBench (45e79ec), get_score, on princeton-vl/RAFT's flow"
    return Case(name, float(found["top"][0]), 3.30617356300354, TOLERANCE, source)


class VbenchSmall(VbenchFlow):
    """VBench's reading of the network whose weights are at hand."""

    weights = ("raft_small",)
    constructor = "raft_small"
