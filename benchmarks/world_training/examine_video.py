"""Accuracy of the video encoder on held-out windows, by level, and on planted faults."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.world_training.faults import PLANTED, finished
from benchmarks.world_training.samples import FPS, SECONDS, generator, held_out_clip
from benchmarks.world_training.video import labels_of
from lvbench.features.registry import load
from lvbench.features.world.networks import FAULTS, LENGTH, NUMBERS, standardised
from lvbench.features.world.world_video import WorldVideo
from lvbench.features.world.world_view import SIDE
from lvbench.world.grammar import LEVELS

_DOSE = 0.5  # of the planted faults, the middle of the training range
_MOVES = 0.05  # view widths per second from which the camera moves


def video(clips: int = 60) -> dict[str, dict[str, float]]:
    """Return the accuracy by `level`, and the detection of faults by `fault NAME`."""
    network = _network()
    rows: dict[str, dict[str, float]] = {}
    alarms: dict[str, list[NDArray[Any]]] = {"clean": []}
    for level in range(LEVELS):
        windows, labels = _windows(level, clips)
        seen = _seen(network, windows)
        alarms["clean"].append(seen["faults"])
        rows[f"{level}"] = _read(seen, labels)
        for name in FAULTS:
            rng = generator(1, FAULTS.index(name))
            spoilt = [finished(PLANTED[name](w.astype(np.float32), rng, _DOSE)) for w in windows]
            alarms.setdefault(name, []).append(_seen(network, spoilt)["faults"])
    clean = np.concatenate(alarms["clean"])
    for index, name in enumerate(FAULTS):
        planted = np.concatenate(alarms[name])[:, index]
        above = (planted[:, None] > clean[None, :, index]).mean()
        rows[f"fault {name}"] = {
            "above clean": float(above),
            "found": float((planted > 0).mean()),
            "false alarms": float((clean[:, index] > 0).mean()),
        }
    return rows


def _network() -> Any:
    extractor = load("world_video")
    assert isinstance(extractor, WorldVideo)
    return extractor.network


def _windows(level: int, clips: int) -> tuple[list[NDArray[np.uint8]], list[Any]]:
    windows, labels = [], []
    for number in range(clips):
        world = held_out_clip(level, number)
        for start in generator(world.seed, 1).integers(0, int(SECONDS * FPS) - LENGTH, 4).tolist():
            windows.append(world.render(start, start + LENGTH, SIDE, SIDE))
            labels.append(labels_of(world, start))
    return windows, labels


def _seen(network: Any, windows: list[NDArray[np.uint8]]) -> dict[str, NDArray[Any]]:
    parts: list[Any] = []
    with torch.inference_mode():
        for i in range(0, len(windows), 8):
            frames = torch.from_numpy(np.concatenate(windows[i : i + 8]))
            parts.append(network(standardised(frames)))
    return {
        name: torch.cat([getattr(part, name) for part in parts]).numpy()
        for name in parts[0]._fields
    }


def _read(seen: dict[str, NDArray[Any]], labels: list[Any]) -> dict[str, float]:
    wanted = {name: np.stack([one[name] for one in labels]) for name in labels[0]}
    read, true = (which["numbers"] * [*NUMBERS.values()] for which in (seen, wanted))
    off = np.abs(read - true)
    moving = np.abs(true[:, 0]) > _MOVES
    ways = (np.sign(read[:, 0]) == np.sign(true[:, 0]))[moving]
    there = wanted["shapes"].any(axis=1)
    return {
        "scene": float(np.mean(seen["scene"].argmax(axis=1) == wanted["scene"])),
        "shapes": float(np.mean((seen["shapes"] > 0) == wanted["shapes"])),
        "hues": float(np.mean((seen["hues"] > 0) == wanted["hues"])),
        "camera, off": float(off[:, 0].mean()),
        "way of the camera that moves": float(ways.mean()) if len(ways) else 1.0,
        "gain of the light, off": float(off[:, 1:4].mean()),
        "speed, off": float(off[there, 4].mean()),
        "cuts": float(np.mean((seen["cut"] > 0) == wanted["cut"])),
        "windows": float(len(labels)),
    }
