"""List a run's videos for videos.manifest.json."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lvbench.results.schema import ItemRecord

MANIFEST_FILE = "videos.manifest.json"
_KEYS = ("id", "path", "sha256", "width", "height", "fps", "frames", "codec", "pixel_format")


def manifest_rows(items: Sequence[ItemRecord]) -> list[dict[str, Any]]:
    """Return one row per video: its facts and path, without scores."""
    return [{key: getattr(item.video, key) for key in _KEYS} for item in items]
