from __future__ import annotations

import io
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lvbench.errors import ConfigError
from lvbench.leaderboard.check import check
from lvbench.leaderboard.schema import items_file
from lvbench.leaderboard.submit import submit
from tests.leaderboard import synthetic

VERIFICATION = {"by": "Another", "date": "2026-11-26", "lvbench": "0.1.0", "digest": "a" * 64}


@pytest.fixture
def row(run: Path, root: Path) -> Path:
    """Return an honest row."""
    named = {"organisation": "Lab", "model": "A", "revision": "v1"}
    return submit(run, root, allow_draft=True, **named)


def _codes(root: Path, **how: Any) -> set[str]:
    return {fault.code for found in check(root, **how).faults.values() for fault in found}


def _edit(file: Path, change: Callable[[dict[str, Any]], object]) -> None:
    content = json.loads(file.read_text("utf-8"))
    change(content)
    file.write_text(json.dumps(content), "utf-8")


def test_an_honest_row_passes(root: Path, row: Path) -> None:
    checked = check(root)
    assert checked.faults == {}
    assert list(checked.rows) == [row]
    found = checked.rows[row]
    assert found is not None
    assert not found.verified


TAMPERED: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "value": (lambda c: c["run"]["scores"]["seam"].update(value=0.0), "score_differs"),
    "count": (lambda c: c["run"]["scores"]["seam"].update(n_scored=99), "score_differs"),
    "gate": (lambda c: c["run"]["scores"]["exposure_drift"].update(gates=[]), "score_differs"),
    "missing": (lambda c: c["run"]["scores"].pop("seam"), "score_missing"),
    "added": (
        lambda c: c["run"]["scores"].update(fvd=c["run"]["scores"]["seam"]), "score_unfounded",
    ),
    "signature": (lambda c: c["run"].update(signature="lvb-smoke|v:1|n:12"), "signature_differs"),
    "hash": (lambda c: c["run"]["protocol"].update(hash="0" * 64), "hash_differs"),
    "lock": (lambda c: c["lock"]["protocol"]["gates"][0].update(value=0.9), "hash_differs"),
    "parameters": (
        lambda c: c["lock"]["metrics"]["seam"].update(version=9), "hash_differs",
    ),
    "weights": (
        lambda c: c["lock"]["extractors"]["dis"].update(weights="f" * 64), "weights_unknown",
    ),
    "partial": (lambda c: c["run"].update(status="partial"), "run_partial"),
    "videos": (lambda c: c["run"]["videos"].update(failed=3), "videos_differ"),
    "items": (lambda c: c.update(items_sha256="0" * 64), "items_changed"),
    "place": (lambda c: c.update(model="B"), "row_misplaced"),
    "schema": (lambda c: c.update(surprise=1), "row_invalid"),
    "own": (lambda c: c.update(verification={**VERIFICATION, "by": "lab"}), "verified_by_owner"),
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERED)
def test_what_was_tampered_with_is_found(root: Path, row: Path, what: str) -> None:
    change, code = TAMPERED[what]
    _edit(row, change)
    assert code in _codes(root)


@pytest.mark.parametrize("key", ["ci_low", "ci_high"])
def test_a_forged_interval_is_found(root: Path, row: Path, key: str) -> None:
    _edit(row, lambda c: c["run"]["scores"]["seam"].update({key: 0.0}))
    assert _codes(root) == {"score_differs"}


def test_resamples_without_end_are_not_drawn(root: Path, row: Path) -> None:
    _edit(row, lambda c: c["lock"]["protocol"]["interval"].update(resamples=10**12))
    assert "lock_absurd" in _codes(root)


def test_a_lock_that_is_nested_deep_stops_no_other_row(root: Path, row: Path) -> None:
    text = row.read_text("utf-8")
    other = row.with_name("other.json")
    other.write_text(text.replace('"lock": {', '"lock": {"a": ' + "[" * 9999 + "]" * 9999 + ",", 1))
    assert other.read_text() != text
    found = check(root)
    assert {f.code for f in found.faults[other]} == {"row_invalid"}
    assert row not in found.faults


def _unpacks_to(rows: int, **columns: object) -> bytes:
    """Return a small Parquet file of the items' columns that unfolds to many rows."""
    indices = pa.array([0] * rows, pa.int32())
    table = pa.table(
        {
            name: pa.DictionaryArray.from_arrays(indices, pa.array([columns[name]], kind))
            if name in columns
            else pa.nulls(rows, kind)
            for name, kind in COLUMNS.items()
        }
    )
    stream = io.BytesIO()
    pq.write_table(table, stream, compression="zstd")
    return stream.getvalue()


COLUMNS = {
    **dict.fromkeys(
        ("video", "cluster", "sha256", "metric", "component", "status", "code"), pa.string()
    ),
    "seed": pa.int64(), "value": pa.float64(), "end": pa.float64(), "features": pa.binary(),
}  # fmt: skip
BOMBS: dict[str, Callable[[], bytes]] = {
    "rows": lambda: _unpacks_to(600_000, video="a", metric="", component="", status="ok"),
    "long texts": lambda: _unpacks_to(
        2000, video="a", metric="m", component="x" * 100_000, status="ok"
    ),
    "one array many times": lambda: _unpacks_to(
        2000, video="a", metric="", component="f", status="features", features=_zeros(1 << 20)
    ),
    "a number for a text": lambda: _unpacks_to(1, seed=1).replace(b"video", b"VIDEO"),
    "an array of 8 TB": lambda: _unpacks_to(
        1, video="a", metric="", component="f", status="features", features=_zeros(8)[:-64]
    ),
}


def _zeros(number: int) -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.zeros(number))
    return stream.getvalue()


@pytest.mark.parametrize("what", BOMBS)
def test_items_that_unfold_without_end_are_refused(root: Path, row: Path, what: str) -> None:
    items_file(row).write_bytes(BOMBS[what]())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "items_invalid" in _codes(root)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000  # KiB


def test_items_that_are_a_pipe_block_nobody(root: Path, row: Path) -> None:
    items_file(row).unlink()
    os.mkfifo(items_file(row))
    assert _codes(root) == {"items_invalid"}


def test_a_changed_item_is_found_though_the_checksum_fits(root: Path, row: Path) -> None:
    import hashlib

    beside = items_file(row)
    table = pq.ParquetFile(beside).read()
    values = table["value"].to_pylist()
    which = next(i for i, v in enumerate(values) if v is not None and v > 1)
    values[which] *= 0.5
    at = table.column_names.index("value")
    pq.write_table(table.set_column(at, "value", pa.array(values, pa.float64())), beside)
    checksum = hashlib.sha256(beside.read_bytes()).hexdigest()
    _edit(row, lambda c: c.update(items_sha256=checksum))
    assert _codes(root) == {"score_differs"}


@pytest.mark.parametrize("content", [b"", b"PAR1 no", None])
def test_items_that_are_none(root: Path, row: Path, content: bytes | None) -> None:
    if content is None:
        items_file(row).unlink()
        assert _codes(root) == {"items_missing"}
    else:
        items_file(row).write_bytes(content)
        assert _codes(root) == {"items_changed", "items_invalid"}


def test_items_without_a_row_are_found(root: Path, row: Path) -> None:
    row.unlink()
    assert _codes(root) == {"row_missing"}


def test_all_findings_of_all_rows_at_once(root: Path, row: Path) -> None:
    _edit(row, lambda c: (c["run"]["scores"]["seam"].update(value=0.0),
                          c["run"]["scores"]["loop"].update(n_failed=1)))  # fmt: skip
    (found,) = check(root).faults.values()
    assert [fault.message.partition(":")[0] for fault in found] == ["loop", "seam"]


def test_a_row_of_an_earlier_state_of_the_draft_is_noted(root: Path, row: Path) -> None:
    notes = check(root).notes
    assert not any("earlier state" in note for own in notes.values() for note in own)
    lock = json.loads(row.read_text("utf-8"))["lock"]
    assert lock["decoder"]
    _edit(row, lambda c: c["lock"].update(decoder="another/1"))
    notes = check(root).notes
    assert "of an earlier state of the draft" in str(notes)
    assert "decoder" in str(notes)


def _moved(score: dict[str, Any], by: float) -> None:
    for name in ("value", "ci_low", "ci_high"):
        if score[name] is not None:
            score[name] += by


def test_the_features_of_sets_are_recomputed(world_run: Path, root: Path) -> None:
    named = {"organisation": "Lab", "model": "A", "revision": "v1"}
    row = submit(world_run, root, allow_draft=True, **named)
    assert check(root).faults == {}
    _edit(row, lambda c: _moved(c["run"]["scores"]["world_fvd"], 10.0))
    assert _codes(root) == {"score_differs"}


def test_too_few_videos_for_the_protocol_are_no_complete_run(root: Path, tmp_path: Path) -> None:
    run = synthetic.write_run(tmp_path / "few", "lvb-world", videos=12)
    with pytest.raises(ConfigError, match="videos_missing: the run has 12 videos"):
        submit(run, root, organisation="Lab", model="A", revision="v1", allow_draft=True)


def test_torch_is_not_imported_and_exit_code_tells(root: Path, row: Path) -> None:
    code = (
        "import sys; from lvbench.cli.main import run\n"
        f"code = run(['leaderboard', 'check', '--root', {str(root)!r}])\n"
        "heavy = [m for m in ('torch', 'torchvision', 'cv2', 'av', 'pandas') if m in sys.modules]\n"
        "print(code, heavy)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.splitlines()[-1] == "0 []"
    assert f"{row}: ok, self-reported" in told.stdout
    _edit(row, lambda c: c["run"]["scores"]["seam"].update(value=0.0))
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.splitlines()[-1] == "3 []"
    assert "score_differs: seam: value 0" in told.stderr


def _git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=n", "-c", "user.email=e@example.org"]
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def base(root: Path, row: Path) -> str:
    """Return a git reference at which Lab's row stands."""
    _git(root.parent, "init", "-q", "-b", "main")
    _git(root.parent, "add", "leaderboards")
    _git(root.parent, "commit", "-q", "-m", "rows")
    return "main"


def test_a_new_row_of_ones_own_is_fine(root: Path, run: Path, base: str) -> None:
    new = submit(run, root, organisation="Other", model="B", revision="v1", allow_draft=True)
    checked = check(root, base=base, owner="Other")
    assert checked.faults == {}
    assert list(checked.rows) == [new]
    assert _codes(root, base=base) == set()
    assert _codes(root, base=base, owner="Lab") == {"row_of_another"}


@pytest.mark.parametrize("owner", [None, "Other", "Lab"])
def test_a_row_that_stands_is_edited_by_nobody(
    root: Path, row: Path, base: str, owner: str | None
) -> None:
    _edit(row, lambda c: c.update(url="https://example.org"))
    assert _codes(root, base=base, owner=owner) == {
        "row_edited" if owner == "Lab" else "row_of_another"
    }


def test_a_row_is_withdrawn_by_its_owner_alone(root: Path, row: Path, base: str) -> None:
    row.unlink()
    items_file(row).unlink()
    assert _codes(root, base=base, owner="Lab") == set()
    assert _codes(root, base=base, owner="Other") == {"row_of_another"}


def test_a_maintainer_verifies_and_the_owner_does_not(root: Path, row: Path, base: str) -> None:
    _edit(row, lambda c: c.update(verification=VERIFICATION))
    checked = check(root, base=base)
    assert checked.faults == {}
    found = checked.rows[row]
    assert found is not None
    assert found.verified
    assert "verified_by_owner" in _codes(root, base=base, owner="Lab")
