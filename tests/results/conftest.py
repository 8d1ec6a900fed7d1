"""Records for tests of the run folder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lvbench.results.schema import ItemRecord, ItemScore, VideoRecord

IDENTITY = "1" * 64
SHA256 = "a" * 64


def _item_record(
    video: str = "clip.mp4",
    *,
    identity: str = IDENTITY,
    metrics: dict[str, ItemScore] | None = None,
    **more: Any,
) -> ItemRecord:
    described = {"id": video, "path": video, "sha256": SHA256, "cluster": video} | more
    return ItemRecord(
        identity=identity,
        video=VideoRecord.model_validate(described),
        metrics=metrics or {"freeze": ItemScore(value=0.25)},
    )


@pytest.fixture
def item_record() -> Callable[..., ItemRecord]:
    """Return a maker of item records: one video, `freeze` scored 0.25 by default."""
    return _item_record
