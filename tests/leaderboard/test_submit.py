from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lvbench.cli import main
from lvbench.errors import ConfigError
from lvbench.leaderboard import items as items_module
from lvbench.leaderboard.items import pack_items, unpack_items
from lvbench.leaderboard.schema import items_file, read_row
from lvbench.leaderboard.submit import submit
from lvbench.results.run import load_run


def _submit(run: Path, root: Path, **changes: Any) -> Path:
    fields = {"organisation": "Lab", "model": "M 1", "revision": "v1", "allow_draft": True}
    return submit(run, root, **{**fields, **changes})


def test_row_and_items_lie_where_they_belong(run: Path, root: Path) -> None:
    file = _submit(run, root, url="https://example.org", open_weights=True)
    assert file == root / "lvb-smoke" / "Lab__M-1" / "v1.json"
    row = read_row(file)
    assert row.run == load_run(run).record
    assert row.draft == row.run.protocol.draft
    assert not row.verified
    assert row.open_weights is True
    curve = row.curves["exposure_drift"]
    assert len(curve.t) == len(curve.low) <= 60
    assert all(low <= middle <= high for low, middle, high
               in zip(curve.low, curve.median, curve.high, strict=True))  # fmt: skip
    assert items_file(file).is_file()


def test_items_survive_the_packing(run: Path) -> None:
    records = load_run(run).items
    arrays = {records[0].video.id: {"i3d.features": np.arange(6, dtype=np.float16).reshape(2, 3)}}
    packed = pack_items(records[::-1], arrays)
    assert packed == pack_items(records, arrays)
    found = unpack_items(packed, "x", "here")
    assert [r.video.id for r in found.records] == [r.video.id for r in records]
    for ours, theirs in zip(found.records, records, strict=True):
        assert ours.video.cluster == theirs.video.cluster
        for name, score in theirs.metrics.items():
            kept = ours.metrics[name]
            told = kept.value, kept.status, kept.code, kept.components
            assert told == (score.value, score.status, score.code, score.components)
            ends = [s.t[-1] for s in score.series.values()]
            assert [s.t[-1] for s in kept.series.values()] == ([max(ends)] if ends else [])
    array = found.arrays[records[0].video.id]["i3d.features"]
    assert array.dtype == np.float16
    assert array.tolist() == [[0, 1, 2], [3, 4, 5]]


def test_a_row_that_stands_is_not_replaced(run: Path, root: Path) -> None:
    file = _submit(run, root)
    before = file.read_bytes()
    with pytest.raises(ConfigError) as caught:
        _submit(run, root)
    assert caught.value.code == "row_exists"
    assert file.read_bytes() == before


def _edited(run: Path, **changes: Any) -> None:
    file = run / "run.json"
    content = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps({**content, **changes}), "utf-8")


def test_partial_run_is_refused(run: Path, root: Path) -> None:
    _edited(run, status="partial", reasons=["only 1 of 12 videos were requested"], signature=None)
    with pytest.raises(ConfigError, match="only 1 of 12") as caught:
        _submit(run, root)
    assert caught.value.code == "run_partial"
    assert list(root.rglob("*.json")) == []


def test_draft_is_refused_unless_allowed_and_then_marked(run: Path, root: Path) -> None:
    protocol = json.loads((run / "run.json").read_text("utf-8"))["protocol"]
    _edited(run, protocol={**protocol, "draft": True})
    with pytest.raises(ConfigError) as caught:
        _submit(run, root, allow_draft=False)
    assert caught.value.code == "protocol_draft"


def test_what_check_would_refuse_is_not_written(run: Path, root: Path) -> None:
    content = json.loads((run / "run.json").read_text("utf-8"))
    content["scores"]["exposure_drift"]["value"] += 0.5
    _edited(run, scores=content["scores"])
    with pytest.raises(ConfigError, match="exposure_drift: value") as caught:
        _submit(run, root)
    assert caught.value.code == "submission_invalid"
    assert list(root.rglob("*")) == []


def test_too_large_is_refused_with_the_reason(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(items_module, "MOST_BYTES", 1000)
    with pytest.raises(ConfigError, match="features of sets") as caught:
        pack_items(load_run(run).items, {})
    assert caught.value.code == "items_too_large"


def test_the_command_says_what_it_wrote_and_refuses_with_3(
    run: Path, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = ["--organisation", "Lab", "--model", "A", "--revision", "v1", "--closed-weights"]
    words = ["leaderboard", "submit", str(run), *named, "--root", str(root), "--allow-draft"]
    assert main.run(words) == 0
    told = capsys.readouterr().out
    assert f"{root}/lvb-smoke/Lab__A/v1.items.parquet" in told
    row = read_row(root / "lvb-smoke" / "Lab__A" / "v1.json")
    assert row.open_weights is False
    with pytest.raises(ConfigError) as caught:
        main.run(words)
    assert main.exit_code(caught.value) == 3
