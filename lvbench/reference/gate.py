"""The gate that weights must pass to be called good, and what is said of those that ship."""

from __future__ import annotations

import json
from collections.abc import Mapping

from lvbench.reference.weights import weights_of

GATE = "gate.json"
MOST = {"next frame / copy": 0.35, "8 frames / copy": 0.7, "8 frames / mean": 0.7}
LEAST = {"identity after frames": 0.8}


def passed(levels: Mapping[int, Mapping[str, float]]) -> int | None:
    """Return the highest level of the world that is passed along with all below it.

    Args:
        levels: By level, the numbers of `python -m benchmarks.reference.gate`.

    Returns:
        The level; None where not even the lowest is passed.
    """
    highest = None
    for level, told in sorted(levels.items()):
        low = all(told[name] <= most for name, most in MOST.items())
        if not (low and all(told[name] >= least for name, least in LEAST.items())):
            break
        highest = level
    return highest


def gate_status(name: str) -> str:
    """Say up to which level of the world the weights of a preset passed their gate.

    Raises:
        WeightsError: The preset comes without weights.
    """
    measured = json.loads(weights_of(name).path.with_name(GATE).read_text("utf-8"))
    level = measured["passed"]
    where = "on no level of the world" if level is None else f"up to level {level} of the world"
    return f"weights {measured['weights'][:12]}, {name}: they pass their gate {where}"
