"""`lvbench evaluate --generator ... --no-files` scores each clip while the next is generated."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import unquote

import click
import numpy as np
import pytest
from click.testing import CliRunner

from lvbench.cli.evaluate import evaluate
from lvbench.protocol.load import load_protocol
from lvbench.video.encode import write_video
from tests.commands import lvbench
from tests.test_printing import steers


def test_no_video_is_kept_and_the_run_is_whole(tmp_path: Path) -> None:
    own = load_protocol("lvb-smoke").model_dump()
    freeze = {"name": "freeze", "version": 1, "parameters": {}}
    own |= {"name": "small", "metrics": [freeze], "gates": [], "extractors": {}}
    protocol = tmp_path / "small-v1.yaml"
    protocol.write_text(json.dumps(own))
    words = ["evaluate", "--generator", "static:64x64", "--limit", "2", "--workers", "1"]
    words += ["--protocol", str(protocol)]
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


NAME = "\x1b]0;t\x07\x1b[31mred\u202e\u0085.mp4"


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return a folder with clips of hostile names and a run of them, and what was printed."""
    root = tmp_path_factory.mktemp("nobody-shall-read-this")
    (root / "clips").mkdir()
    protocol = root / "quick-v1.yaml"
    protocol.write_text(
        "name: quick\nversion: 1\ndraft: true\nsegment_seconds: 0.5\n"
        "metrics:\n- {name: freeze, version: 1}\n"
    )
    frames = np.random.default_rng(0).integers(0, 255, (24, 32, 48, 3), np.uint8)
    write_video(root / "clips" / NAME, [frames], 8.0)
    (root / "clips" / f"broken {NAME}").write_bytes(b"no video")
    words = ["evaluate", root / "clips", "--protocol", protocol, "--workers", "1"]
    said = lvbench(*words, "--out", root / "runs" / "a")
    assert said.returncode == 4, said.stderr
    return root, said.stdout + said.stderr


def test_names_of_files_cannot_control_the_terminal(scored: tuple[Path, str]) -> None:
    root, said = scored
    shared = [root / "runs" / "a" / name for name in ("log.txt", "report.html")]
    for text in (said, *(path.read_text("utf-8") for path in shared)):
        assert steers(text) == set()
    assert "\\u001b[31mred" in said
    for to in ("markdown", "latex"):
        assert steers(lvbench("report", root / "runs" / "a", "--format", to).stdout) == set()


def test_shared_files_contain_no_absolute_path(scored: tuple[Path, str]) -> None:
    root, _ = scored
    run = root / "runs" / "a"
    done = lvbench("compare", run, run, "--files", run / "compared")
    assert done.returncode == 0, done.stderr
    done = lvbench("leaderboard", "build", "--root", root / "boards", "--run", f"A={run}")
    assert done.returncode == 0, done.stderr
    files = [path for folder in (run, root / "boards") for path in folder.rglob("*.*")]
    assert {path.name for path in files} >= {"report.html", "comparison.html", "board.html"}
    for path in files:
        if path.is_file():
            assert root.name.encode() not in path.read_bytes(), path


def test_the_page_still_plays_the_clips(scored: tuple[Path, str]) -> None:
    root, _ = scored
    page = (root / "runs" / "a" / "report.html").read_text("utf-8")
    (address,) = set(re.findall(r'<video[^>]* src="([^"]*)"', page))
    assert address.startswith("../../clips/")
    assert (root / "runs" / "a" / unquote(address)).resolve() == root / "clips" / NAME
