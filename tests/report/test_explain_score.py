"""How a score came about is told from the run folder, by a process of its own, without torch."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lvbench.results.run import load_run
from tests.report.factory import make_run


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return make_run(tmp_path)


def explain(*words: str | Path) -> subprocess.CompletedProcess[str]:
    program = (
        "import sys; from lvbench.cli.main import main\n"
        "try: main()\n"
        "finally: assert 'torch' not in sys.modules"
    )
    command = [sys.executable, "-c", program, "explain", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_score_is_told_down_to_its_videos_worst_first(run: Path) -> None:
    done = explain(run, "freeze", "--json")
    assert done.returncode == 0, done.stderr
    told, record = json.loads(done.stdout), load_run(run)
    assert told["result"]["value"] == record.scores["freeze"].value
    assert told["signature"] == record.record.signature
    assert {row["video"] for row in told["videos"]} == {item.video.id for item in record.items}
    values = [row["value"] for row in told["videos"] if row["value"] is not None]
    assert values == sorted(values, reverse=True)


def test_the_text_names_what_the_number_rests_on(run: Path) -> None:
    done = explain(run, "freeze")
    assert done.returncode == 0, done.stderr
    for word in ("aggregation: mean over videos", "interval:", "hash", "signature:", "expected"):
        assert word in done.stdout


def test_one_videos_series_are_printed(run: Path) -> None:
    record = load_run(run)
    name, video = next(
        (name, item.video.id)
        for item in record.items
        for name, score in item.metrics.items()
        if score.series and name in record.scores
    )
    done = explain(run, name, "--video", video)
    assert done.returncode == 0, done.stderr
    assert "series" in done.stdout


def test_a_wrong_score_gets_the_nearest(run: Path) -> None:
    done = explain(run, "freeeze")
    assert done.returncode == 2
    assert "nearest: freeze" in done.stderr
