"""Statistics on plain arrays."""

from __future__ import annotations

from lvbench.stats.drift import Drift, drift

__all__ = ["Drift", "drift"]
