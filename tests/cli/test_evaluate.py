"""`lvbench evaluate --generator ... --no-files` judges clips as they are made."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from lvbench.cli.evaluate import evaluate


def lvbench(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lvbench", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_no_video_is_kept_and_the_run_is_whole(tmp_path: Path) -> None:
    words = ["evaluate", "--generator", "static", "--limit", "2", "--workers", "1"]
    said = lvbench(*words, "--no-files", "--out", tmp_path / "run")
    assert said.returncode == 0, said.stderr
    assert not list((tmp_path / "run" / "videos").glob("*.mp4"))
    assert (tmp_path / "run" / "report.html").exists()
    run = json.loads((tmp_path / "run" / "run.json").read_text())
    assert run["title"] == "static"
    assert run["videos"] == {"expected": 2, "failed": 0, "with_failed_metrics": 0}
    # A still image is what the gate is for.
    assert run["scores"]["freeze"]["value"] > 0.9
    again = lvbench(*words, "--no-files", "--out", tmp_path / "run")
    assert again.returncode == 0
    assert "[1/2]" in said.stderr
    assert "[1/2]" not in again.stderr


def test_files_that_were_given_are_never_deleted(tmp_path: Path) -> None:
    words = [str(tmp_path), "--no-files", "--out", str(tmp_path / "run")]
    found = CliRunner().invoke(evaluate, words, standalone_mode=False)
    assert isinstance(found.exception, click.UsageError)
    with pytest.raises(click.UsageError, match="--no-files needs --generator"):
        raise found.exception
