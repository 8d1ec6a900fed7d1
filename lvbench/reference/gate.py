"""Acceptance gate of the reference model, and the result of the shipped weights."""

from __future__ import annotations

import json
from collections.abc import Mapping

from lvbench.reference.weights import weights_of

GATE = "gate.json"
MOST = {"next frame / copy": 0.35, "8 frames / copy": 0.7, "8 frames / mean": 0.7}
LEAST = {"identity after frames": 0.8}


def passed(levels: Mapping[int, Mapping[str, float]]) -> int | None:
    """Return the highest level of the world that is passed together with all lower ones.

    Args:
        levels: Results of `python -m benchmarks.reference.gate` by level.

    Returns:
        The level; None if not even the lowest is passed.
    """
    highest = None
    for level, found in sorted(levels.items()):
        low = all(found[name] <= most for name, most in MOST.items())
        if not (low and all(found[name] >= least for name, least in LEAST.items())):
            break
        highest = level
    return highest


def gate_status(name: str) -> str:
    """Return a sentence with the highest level at which a preset's weights pass the gate.

    Raises:
        WeightsError: The preset comes without weights.
    """
    measured = json.loads(weights_of(name).path.with_name(GATE).read_text("utf-8"))
    level = measured["passed"]
    where = "at no level of the world" if level is None else f"up to level {level} of the world"
    return f"weights {measured['weights'][:12]}, {name}: the gate is passed {where}"
