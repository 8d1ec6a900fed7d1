from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from lvbench.cli.report import report
from lvbench.results.schema import ItemRecord, ItemScore, ProtocolRecord, RunRecord, Score
from lvbench.results.schema import VideoRecord as Video


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    """Return the smallest run: one video, one score."""
    folder = tmp_path / "run"
    (folder / "items").mkdir(parents=True)
    item = ItemRecord(
        identity="0" * 64,
        video=Video(id="a", path="a.mp4", cluster="a", duration=5.0),
        metrics={"freeze": ItemScore(value=0.25)},
    )
    record = RunRecord(
        status="complete", title="one", videos={"expected": 1, "failed": 0},
        protocol=ProtocolRecord(name="p", version=1, draft=True, hash="0" * 64),
        signature="p|v:1-draft|n:1", environment={}, timing={},
        scores={"freeze": Score(value=0.25, n_expected=1, n_scored=1, n_failed=0,
                                higher_is_better=False, unit="")},
    )  # fmt: skip
    (folder / "items" / "a.json").write_text(item.model_dump_json(by_alias=True), "utf-8")
    (folder / "run.json").write_text(record.model_dump_json(by_alias=True), "utf-8")
    return folder


def test_html_goes_into_the_run_folder(run_folder: Path) -> None:
    done = CliRunner().invoke(report, [str(run_folder)])
    assert done.exit_code == 0, done.output
    assert (run_folder / "report.html").read_text("utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(("to", "start"), [("md", "| Score"), ("latex", r"% \usepackage")])
def test_tables_go_to_standard_output(run_folder: Path, to: str, start: str) -> None:
    done = CliRunner().invoke(report, [str(run_folder), "--format", to])
    assert done.output.startswith(start)
    assert "0.25" in done.output


def test_out_names_the_file(run_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "table.json"
    done = CliRunner().invoke(report, [str(run_folder), "--format", "json", "--out", str(out)])
    assert done.output.strip() == str(out)
    assert json.loads(out.read_text("utf-8"))["rows"][0]["key"] == "freeze"


def test_metadata_of_a_model_card_is_written_by_a_process(run_folder: Path) -> None:
    card = run_folder / "card.yaml"
    asked = ["--format", "hf-eval-results", "--source", "https://a.org/b"]
    command = [sys.executable, "-m", "lvbench", "report", str(run_folder), *asked]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "# the protocol is a draft: its numbers may still change" in printed
    (model,) = yaml.safe_load(printed)["model-index"]
    (result,) = model["results"]
    assert [(m["type"], m["value"]) for m in result["metrics"]] == [("freeze", 0.25)]
    assert result["source"]["url"] == "https://a.org/b"
    subprocess.run([*command, "--out", str(card)], check=True, capture_output=True)
    assert card.read_text("utf-8") == printed
