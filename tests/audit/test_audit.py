"""Each planted flaw is found and named, good files are kept, and the work is resumed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from lvbench.audit.audit import Audit, audit
from lvbench.audit.page import write_audit
from lvbench.cli.data import data
from lvbench.errors import UsageError


def test_each_flaw_is_a_reason_and_good_files_have_none(found: Audit) -> None:
    reasons = {row.id: sorted(row.reasons) for row in found.rows}
    assert reasons == {
        "barred.mp4": ["black_bars"],
        "broken.mp4": ["unreadable"],
        "good.mp4": [],
        "other.mp4": [],
        "short.mp4": ["too_short"],
        "smaller.mp4": ["near_duplicate"],
        "still.mp4": ["static"],
    }


def test_a_copy_of_another_size_is_found_with_its_place(found: Audit) -> None:
    (pair,) = [d for d in found.duplicates if "smaller.mp4" in (d.first, d.second)]
    assert (pair.first, pair.second, pair.by) == ("good.mp4", "smaller.mp4", "frame_survey")
    assert pair.share > 0.9
    assert pair.first_start == pair.second_start == 0.0


def test_what_the_header_says_is_told(found: Audit) -> None:
    row = next(row for row in found.rows if row.id == "good.mp4")
    assert (row.width, row.height, row.codec, row.frames) == (160, 96, "h264", 40)
    assert row.seconds == pytest.approx(5.0)
    assert row.facts is not None
    assert row.facts.audio_codec is None
    assert row.facts.matrix == "untagged"
    assert row.bits_per_pixel is not None
    assert 0 < row.bits_per_pixel < 5


def test_nothing_is_left_out_for_the_encoder_ships(found: Audit) -> None:
    assert found.diversity is not None
    assert found.missing == ""


def test_without_the_encoder_it_says_what_is_left_out(flawed: Path, tmp_path: Path) -> None:
    (tmp_path / "weights.yaml").write_text("mobilenet_v2: absent.safetensors\n")
    lacking = audit(
        flawed / "good.mp4", out=tmp_path / "work", workers=1, weights=tmp_path, device="cpu"
    )
    assert lacking.diversity is None
    assert "diversity (" in lacking.missing
    text = write_audit(lacking).read_text()
    # Without features the page does not mention them.
    assert "the first 24 files by name" in text
    assert "image features" not in text


def test_the_files_agree_with_each_other(found: Audit) -> None:
    page = write_audit(found)
    folder = page.parent
    record = json.loads((folder / "audit.json").read_text())
    table = pd.read_parquet(folder / "audit.parquet")
    lines = [line.split("\t") for line in (folder / "drop.txt").read_text().splitlines()]
    assert [row["id"] for row in record["files"]] == table["id"].tolist()
    assert lines == [
        ["barred.mp4", "black_bars"],
        ["broken.mp4", "unreadable"],
        ["short.mp4", "too_short"],
        ["smaller.mp4", "near_duplicate"],
        ["still.mp4", "static"],
    ]
    text = page.read_text()
    assert text == write_audit(found).read_text()
    assert "5 of 7 should be dropped" in text
    assert text.count("data:image/jpeg") >= 8
    assert "image features" in text


def test_it_resumes_and_forgets_files_that_have_gone(
    flawed: Path, found: Audit, tmp_path: Path
) -> None:
    less, work = tmp_path / "set", tmp_path / "work"
    shutil.copytree(flawed, less)
    shutil.copytree(found.folder, work)
    (less / "smaller.mp4").unlink()
    before = {p.name: p.stat().st_mtime_ns for p in (work / "items").glob("*.json")}
    again = audit(less, out=work, workers=1, device="cpu")
    after = {p.name: p.stat().st_mtime_ns for p in (work / "items").glob("*.json")}
    assert {name for name in before if before[name] != after[name]} == {"broken.mp4.json"}
    assert "smaller.mp4" not in {row.id for row in again.rows}
    assert not again.duplicates


def test_the_verb_writes_all_and_counts(flawed: Path, found: Audit, tmp_path: Path) -> None:
    work = tmp_path / "work"
    shutil.copytree(found.folder, work)
    given = ["audit", str(flawed), "--out", str(work), "--workers", "1", "--min-side", "48"]
    done = CliRunner().invoke(data, [*given, "--device", "cpu"])
    assert done.exit_code == 0, done.output
    assert "7 files, 5 to drop" in done.output
    assert (work / "audit.html").is_file()


def test_an_empty_folder_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    with pytest.raises(UsageError):
        audit(tmp_path / "none", out=tmp_path / "work")
