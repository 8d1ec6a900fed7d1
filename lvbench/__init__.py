"""lvbench: benchmark and evaluation suite for long-video generation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["compare", "evaluate", "load_run", "score"]

_PUBLIC = {
    "evaluate": "lvbench.engine.evaluate",
    "compare": "lvbench.comparison.compare",
    "load_run": "lvbench.results.run",
    "score": "lvbench.metrics.functional",
}

if TYPE_CHECKING:
    from lvbench.comparison.compare import compare
    from lvbench.engine.evaluate import evaluate
    from lvbench.metrics.functional import score
    from lvbench.results.run import load_run


def __getattr__(name: str) -> Any:
    """Import the public functions on first use, so that `import lvbench` stays instant."""
    if name in _PUBLIC:
        from importlib import import_module

        return getattr(import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module 'lvbench' has no attribute '{name}'")
