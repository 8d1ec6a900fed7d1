"""The list of a run's videos, as videos.manifest.json holds it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lvbench.results.schema import ItemRecord

MANIFEST_FILE = "videos.manifest.json"
_KEYS = ("id", "path", "sha256", "width", "height", "fps", "frames", "codec", "pixel_format")


def manifest_rows(items: Sequence[ItemRecord]) -> list[dict[str, Any]]:
    """Return one row per video: what it is and where it lies, nothing of how it was judged."""
    return [{key: getattr(item.video, key) for key in _KEYS} for item in items]
