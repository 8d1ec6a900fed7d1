"""The metrics, one file each, imported as `lvbench.metrics`."""

from __future__ import annotations

if __name__ != "lvbench.metrics":
    raise ImportError("import lvbench.metrics, not metrics: a second copy would register twice")
