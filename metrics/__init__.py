"""The metrics, one file each, imported as `lvbench.metrics`; each is a function on arrays too.

`lvbench.metrics.freeze(frames, fps)` scores one clip in memory. A metric is imported on first use.
"""

from __future__ import annotations

from typing import Any

if __name__ != "lvbench.metrics":
    raise ImportError("import lvbench.metrics, not metrics: a second copy would register twice")


def __getattr__(name: str) -> Any:
    """Return the function of the metric `name`, or the list of all names as `__all__`."""
    from lvbench.metrics.registry import METRICS

    if name == "__all__":
        return METRICS.names()
    if name.startswith("_") or name not in METRICS:
        raise AttributeError(f"module 'lvbench.metrics' has no attribute '{name}'")
    from lvbench.metrics.functional import metric_function

    return metric_function(name)


def __dir__() -> list[str]:
    from lvbench.metrics.registry import METRICS

    return METRICS.names()
