"""A run folder is loaded by its folder or its run.json; what is broken says where."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lvbench.errors import ConfigError, UsageError
from lvbench.results.files import canonical_json
from lvbench.results.journal import write_item
from lvbench.results.run import load_run, read_item
from lvbench.results.schema import ItemRecord, ProtocolRecord, RunRecord, Score

RECORD = RunRecord(
    status="complete",
    title="mine",
    protocol=ProtocolRecord(name="lvb-smoke", version=1, draft=True, hash="0" * 64),
    signature=None,
    videos={"expected": 2, "failed": 0, "with_failed_metrics": 0},
    scores={
        "freeze": Score(
            value=0.5, n_expected=2, n_scored=2, n_failed=0, higher_is_better=False, unit=""
        )
    },
    environment={},
    timing={},
)


@pytest.fixture
def folder(tmp_path: Path, item_record: Callable[..., ItemRecord]) -> Path:
    (tmp_path / "run.json").write_text(canonical_json(RECORD.model_dump()))
    for video in ("b", "a", "a.2"):
        write_item(tmp_path, item_record(video))
    return tmp_path


@pytest.mark.parametrize("name", ["", "run.json"])
def test_loads_by_folder_or_file(folder: Path, name: str) -> None:
    run = load_run(folder / name)
    assert run.record == RECORD
    assert run.folder == folder
    assert run.scores["freeze"].value == 0.5
    assert [item.video.id for item in run.items] == ["a", "a.2", "b"]


def test_a_folder_without_a_run_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no run\.json"):
        load_run(tmp_path)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("{", "Expecting"),
        ("[1]", "has no attribute"),
        ('{"schema": 2}', "schema 2, this lvbench reads 1"),
        ('{"schema": 1}', "Field required"),
        ('{"schema": 1, "surprise": 1}', "surprise"),
    ],
)
def test_a_broken_record_is_refused_with_its_file(folder: Path, content: str, found: str) -> None:
    (folder / "run.json").write_text(content)
    with pytest.raises(ConfigError) as caught:
        load_run(folder)
    assert found in caught.value.found
    assert caught.value.where == str(folder / "run.json")
    assert caught.value.code == "run_invalid"


def test_a_broken_item_is_refused_with_its_file(folder: Path) -> None:
    path = folder / "items" / "a.json"
    path.write_text(path.read_text().replace("0.25", "NaN"))
    with pytest.raises(ConfigError) as caught:
        _ = load_run(folder).items
    assert caught.value.where == str(path)
    with pytest.raises(ConfigError):
        read_item(path)
