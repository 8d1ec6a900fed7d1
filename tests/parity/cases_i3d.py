"""I3D with seeded weights: the original graph, its ports, and each one's preprocessing.

A row of numbers is one case: the largest difference between our numbers and theirs, over their
largest absolute value, beside 0. Norms are compared as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from lvbench.features.video.i3d import i3d_features
from lvbench.features.video.i3d_preprocessing import (
    preprocess,
    resize_half_pixel,
    resize_tf1_legacy,
)
from tests.parity.case import Case
from tests.seeded import (
    RememberingNetwork,
    golden_i3d_weights,
    gradient_videos,
    seeded_i3d_network,
    weights_sha256,
)

TOLERANCE = 1e-4
GRAPH = "TensorFlow graph of i3d-kinetics-400/1"
# What the goldens call each implementation: its name, and its batch norms' epsilon.
NETWORKS = {
    "original_tf_graph": (GRAPH, 1e-3),
    "piergiaj_port_bn_eps_1e-3_then_mean_over_time": ("piergiaj/pytorch-i3d", 1e-3),
    "hassony2_port_bn_eps_1e-3": ("hassony2/kinetics_i3d_pytorch", 1e-3),
    "videogpt_port_bn_eps_1e-5": ("wilson1yan/VideoGPT", 1e-5),
    "cdfvd_port_bn_eps_1e-5": ("songweige/content-debiased-fvd", 1e-5),
}
# What the goldens call each pipeline: its preprocessing and epsilon here.
PIPELINES = {
    "tf_legacy_resize+eps1e-3": ("tf1-legacy-224", 1e-3),
    "tf_half_pixel_resize+eps1e-3": ("half-pixel-224", 1e-3),
    "styleganv_pre+eps1e-3": ("shorter-side-centre-224", 1e-3),
    "videogpt_pre+eps1e-5": ("shorter-side-centre-224", 1e-5),
    "cdfvd_pre+eps1e-5": ("half-pixel-224", 1e-5),
}
VIDEOS = {"A": 0, "B": 1}


def network_cases(root: Path) -> list[Case]:
    """Return logits and pooled features of random clips of 9, 10 and 16 frames.

    Args:
        root: The folder that holds goldens/.
    """
    theirs = _goldens(root)["i3d_same_input"]
    found = []
    for frames, clip in _random_clips().items():
        for name, (source, epsilon) in NETWORKS.items():
            expected = theirs["by_length"][frames][name]
            logits, _ = _encoded(root, frames, epsilon)
            what = f"I3D logits, {frames} frames, epsilon {epsilon:g}"
            found += [
                _row(f"{what}, first 8", logits[0, :8], expected["first8"], source),
                _number(f"{what}, norm", np.linalg.norm(logits), expected["norm"], source),
            ]
        assert clip.shape[2] == int(frames)
    _, pooled = _encoded(root, "16", 1e-3)
    expected = theirs["pool_features_T16"]
    source = NETWORKS["piergiaj_port_bn_eps_1e-3_then_mean_over_time"][0]
    return [
        *found,
        _row("I3D pooled, 16 frames, first 8", pooled[0, :8], expected["first8"], source),
        _number("I3D pooled, 16 frames, norm", np.linalg.norm(pooled), expected["norm"], source),
    ]


def pixel_cases(root: Path) -> list[Case]:
    """Return each resize on a row of numbers, and the first pixels of video A.

    Args:
        root: The folder that holds goldens/.
    """
    theirs = _goldens(root)["preprocess"]
    wide = theirs["bilinear 0..7 -> 16"]
    narrow = theirs["bilinear squares 0..15^2 (16 wide) -> 6"]
    up, down = np.arange(8).reshape(1, 1, 8, 1), (np.arange(16) ** 2).reshape(1, 1, 16, 1)
    frames = gradient_videos(0)[0, :1]
    tensorflow, torch_name = "TensorFlow", "torch"
    return [
        _row(
            "legacy bilinear, 8 to 16",
            resize_tf1_legacy(up, 1, 16).ravel(),
            wide["tf_legacy_resize_bilinear"],
            tensorflow,
        ),
        _row(
            "half-pixel bilinear, 8 to 16",
            resize_half_pixel(up, 1, 16).ravel(),
            wide["tf2_half_pixel"],
            tensorflow,
        ),
        _row(
            "legacy bilinear, 16 to 6",
            resize_tf1_legacy(down, 1, 6).ravel(),
            narrow["tf_legacy_resize_bilinear"],
            tensorflow,
        ),
        _row(
            "half-pixel bilinear, 16 to 6",
            resize_half_pixel(down, 1, 6).ravel(),
            narrow["torch_no_antialias"],
            torch_name,
        ),
        _row(
            "antialiased bilinear, 16 to 6",
            resize_half_pixel(down, 1, 6, antialias=True).ravel(),
            narrow["torch_antialias"],
            torch_name,
        ),
        _row(
            "shorter-side-centre-224, video A, first 8 pixels",
            preprocess(frames, "shorter-side-centre-224")[0, 0, :8, 0],
            theirs["styleganv_pre_A0_first8"],
            "common_metrics_on_video_quality, styleganv",
        ),
        _row(
            "half-pixel-224, video A, first 8 pixels",
            preprocess(frames, "half-pixel-224")[0, 0, :8, 0],
            theirs["cdfvd_pre_A0_first8"],
            "content-debiased-fvd",
        ),
    ]


def clip_cases(root: Path) -> list[Case]:
    """Return the first four logits of the first clip of A and of B, by each pipeline.

    Args:
        root: The folder that holds goldens/.
    """
    theirs = _goldens(root)["features"]
    return [
        _row(
            f"{_what(pipeline)}, first clip of {videos}, first 4 logits",
            _logits(root, pipeline, videos, clips=1)[0, :4],
            theirs[f"{pipeline} | {videos}"]["first4_of_row0"],
            _pipeline_source(pipeline),
        )
        for pipeline in PIPELINES
        for videos in VIDEOS
    ]


def norm_cases(
    root: Path, pipelines: Iterable[str] = PIPELINES, sets: Iterable[str] = VIDEOS
) -> list[Case]:
    """Return the norm of all 16 clips' logits, by each pipeline.

    Args:
        root: The folder that holds goldens/.
        pipelines: Which ones; those that differ take 16 passes each through the network.
        sets: Which of the videos A and B.
    """
    theirs = _goldens(root)["features"]
    return [
        _number(
            f"{_what(pipeline)}, 16 clips of {videos}, norm of the logits",
            np.linalg.norm(_logits(root, pipeline, videos, clips=16)),
            theirs[f"{pipeline} | {videos}"]["norm"],
            _pipeline_source(pipeline),
        )
        for pipeline in pipelines
        for videos in sets
    ]


def seeded_weights_are_the_goldens(root: Path) -> bool:
    """Return whether the recipe's tensors have the checksum that the goldens were made with."""
    expected = _goldens(root)["weights"]["sha256_over_sorted(name+float32 bytes)"]
    return weights_sha256(golden_i3d_weights(root / "goldens")) == str(expected)


@cache
def _goldens(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((root / "goldens" / "fvd.json").read_text())
    return found


@cache
def _random_clips() -> dict[str, torch.Tensor]:
    """Return the clips whose logits the goldens give, drawn in the recipe's order."""
    rng = np.random.default_rng(5)
    clips = {}
    for frames in (9, 10, 13, 15, 16):
        clip = (rng.random((1, frames, 224, 224, 3)) * 2 - 1).astype(np.float32)
        if frames in (9, 10, 16):
            clips[str(frames)] = torch.from_numpy(clip).permute(0, 4, 1, 2, 3)
    return clips


@cache
def _encoded(
    root: Path, frames: str, epsilon: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    network = seeded_i3d_network(root / "goldens", epsilon).bare
    logits, pooled = network.encode(_random_clips()[frames])
    return logits.numpy(), pooled.numpy()


def _logits(root: Path, pipeline: str, videos: str, clips: int) -> NDArray[np.float32]:
    preprocessing, epsilon = PIPELINES[pipeline]
    network: RememberingNetwork = seeded_i3d_network(root / "goldens", epsilon)
    taken = gradient_videos(VIDEOS[videos])[:clips]
    return i3d_features(taken, preprocessing, network=network)


def _what(pipeline: str) -> str:
    preprocessing, epsilon = PIPELINES[pipeline]
    return f"{preprocessing}, epsilon {epsilon:g}"


def _pipeline_source(pipeline: str) -> str:
    name = pipeline.split("+")[0]
    return {
        "tf_legacy_resize": f"{GRAPH}, resize_bilinear of TensorFlow 1",
        "tf_half_pixel_resize": f"{GRAPH}, resize of TensorFlow 2",
        "styleganv_pre": "common_metrics_on_video_quality, styleganv",
        "videogpt_pre": "wilson1yan/VideoGPT",
        "cdfvd_pre": "songweige/content-debiased-fvd",
    }[name]


def _row(name: str, ours: ArrayLike, theirs: ArrayLike, source: str) -> Case:
    expected = np.asarray(theirs, np.float64)
    gap = np.abs(np.asarray(ours, np.float64) - expected).max() / np.abs(expected).max()
    return Case(f"{name} (largest difference)", float(gap), 0.0, TOLERANCE, source)


def _number(name: str, ours: float | np.floating[Any], theirs: float, source: str) -> Case:
    return Case(name, float(ours), theirs, TOLERANCE, source)
