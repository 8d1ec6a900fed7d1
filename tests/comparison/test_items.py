from __future__ import annotations

import json
from pathlib import Path

import pytest

from lvbench.comparison.items import compared_items
from lvbench.errors import ConfigError
from lvbench.results.run import load_run


def test_items_are_those_of_the_run_without_curves_and_events(run_folder: Path) -> None:
    run = load_run(run_folder)
    for bare, whole in zip(compared_items(run), run.items, strict=True):
        assert bare.video == whole.video
        assert bare.metrics.keys() == whole.metrics.keys()
        for name, score in bare.metrics.items():
            full = whole.metrics[name]
            assert (score.status, score.code, score.value) == (full.status, full.code, full.value)
            assert score.components == full.components
            assert (score.series, score.events) == ({}, [])


@pytest.mark.parametrize(
    "change", [{"schema": 99}, {"identity": 3}, {"metrics": {"seam": {"status": "ok"}}}]
)
def test_invalid_item_is_named(run_folder: Path, change: dict[str, object]) -> None:
    file = sorted((run_folder / "items").glob("*.json"))[0]
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | change), "utf-8")
    with pytest.raises(ConfigError, match=file.name):
        compared_items(load_run(run_folder))
