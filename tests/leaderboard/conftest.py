"""Rows for the tests of the leaderboard."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Protocol

import pytest

from lvbench.leaderboard.schema import Row, Verification, place
from lvbench.results.schema import Gate, ProtocolRecord, RunRecord, Score
from tests.leaderboard import synthetic

OF_ROW = ("url", "open_weights", "baseline", "draft", "curves")
VERIFIED = Verification(by="Another", date="2026-11-26", lvbench="0.1.0", digest="a" * 64)


class AddRow(Protocol):
    def __call__(self, model: str, values: dict[str, float], **changes: Any) -> Path: ...


@pytest.fixture(autouse=True)
def _all_have_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every score rank, whatever the last accepted validation found."""
    monkeypatch.setattr("lvbench.leaderboard.board.has_passed", lambda score: True)


def make_run(values: dict[str, float], **changes: Any) -> RunRecord:
    """Return a run whose scores have these values, each ± 0.1."""
    gates = (
        [Gate(metric="freeze", share=0.4, limit=0.1, n=10, n_failed=0)]
        if changes.pop("gated", False)
        else []
    )
    videos = changes.pop("videos", 60)
    scores = {
        key: Score(
            value=v, ci_low=v - 0.1, ci_high=v + 0.1, ci_method="boot-t1000", n_expected=videos,
            n_scored=videos, n_failed=0, higher_is_better=key == "sharpness_drift",
            unit="s/s" if key == "cost" else "", gates=gates, measured=key == "cost",
        )
        for key, v in values.items()
    }  # fmt: skip
    protocol = ProtocolRecord(
        name="lvb-smoke", version=1, draft=False, hash=changes.pop("hash", "a" * 64)
    )
    fields: dict[str, Any] = {
        "status": "complete", "title": "t", "protocol": protocol, "signature": "s",
        "videos": {"expected": videos, "failed": 0}, "scores": scores, "environment": {},
        "timing": {},
    }  # fmt: skip
    return RunRecord(**{**fields, **changes})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return an empty leaderboards/."""
    folder = tmp_path / "leaderboards"
    folder.mkdir()
    return folder


@pytest.fixture
def add_row(root: Path) -> AddRow:
    """Return a function that files a row where it belongs."""

    def add(model: str, values: dict[str, float], **changes: Any) -> Path:
        own = {name: changes.pop(name) for name in OF_ROW if name in changes}
        if changes.pop("verified", True):
            own["verification"] = VERIFIED
        row = Row(
            model=model, organisation="Lab", revision="v1", run=make_run(values, **changes), **own
        )
        file = root / place(row)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(row.model_dump()), "utf-8")
        return file

    return add


@pytest.fixture(scope="session")
def honest_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = synthetic.write_run(tmp_path_factory.mktemp("runs") / "smoke")
    return folder


@pytest.fixture
def run(honest_run: Path, tmp_path: Path) -> Path:
    """Return the folder of a complete run of lvb-smoke, to spoil at will."""
    return Path(shutil.copytree(honest_run, tmp_path / "run"))


@pytest.fixture(scope="session")
def world_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a complete run of lvb-world, whose items keep features of sets."""
    folder = tmp_path_factory.mktemp("runs") / "world"
    written: Path = synthetic.write_run(folder, "lvb-world", videos=24)
    return written
