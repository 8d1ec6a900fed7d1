"""The clips and the quick protocol of the engine's tests."""

from tests.engine.conftest import clips, quick

__all__ = ["clips", "quick"]
