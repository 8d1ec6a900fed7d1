"""Kill it at any moment, fill its disk: the same command again, and the result is the same."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lvbench.engine.evaluate import evaluate
from tests.engine.conftest import outcome

KILLS = 6

# A program of its own: what runs in a fork of this process, with all its threads, may hang it.
LIMITED = """
import os, resource, sys

limit = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
os.execv(sys.argv[2], sys.argv[2:])
"""


def _command(clips: Path, quick: str, folder: Path) -> list[str]:
    words = ["evaluate", str(clips), "--protocol", quick, "--out", str(folder), "--workers", "2"]
    return [sys.executable, "-m", "lvbench", *words]


@pytest.fixture(scope="module")
def unbroken(
    clips: Path, quick: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, float]:
    folder = tmp_path_factory.mktemp("unbroken") / "run"
    started = time.monotonic()
    subprocess.run(_command(clips, quick, folder), check=True, capture_output=True)
    return folder, time.monotonic() - started


def test_killed_at_random_moments_it_ends_with_the_same_bytes(
    clips: Path, quick: str, unbroken: tuple[Path, float], tmp_path: Path
) -> None:
    whole, seconds = unbroken
    moments = random.Random(0)
    for _ in range(KILLS):
        process = subprocess.Popen(
            _command(clips, quick, tmp_path / "run"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(moments.uniform(0.2, 0.9) * seconds)
        process.send_signal(signal.SIGKILL)
        process.wait()
    evaluate(clips, out=tmp_path / "run", protocol=quick, workers=2)
    _sweep(tmp_path / "run")
    assert outcome(tmp_path / "run") == outcome(whole)


def test_an_interrupt_ends_with_130_and_resumes(
    clips: Path, quick: str, unbroken: tuple[Path, float], tmp_path: Path
) -> None:
    process = subprocess.Popen(
        _command(clips, quick, tmp_path / "run"), stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    process.stderr.readline()  # the first video is done
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    assert process.returncode in (130, 0)
    assert "Traceback" not in said
    evaluate(clips, out=tmp_path / "run", protocol=quick, workers=2)
    _sweep(tmp_path / "run")
    assert outcome(tmp_path / "run") == outcome(unbroken[0])


@pytest.mark.parametrize("limit", [300, 3_000, 9_000])
def test_a_full_disk_stops_the_run_and_it_resumes(
    clips: Path, quick: str, unbroken: tuple[Path, float], tmp_path: Path, limit: int
) -> None:
    """A limit on file size stands in for a full disk: both fail the write half way."""
    stopped = subprocess.run(
        [sys.executable, "-c", LIMITED, str(limit), *_command(clips, quick, tmp_path / "run")],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert stopped.returncode == 1, stopped.stderr
    assert "free space, then run the same command again" in stopped.stderr
    assert "Traceback" not in stopped.stderr
    evaluate(clips, out=tmp_path / "run", protocol=quick, workers=2)
    _sweep(tmp_path / "run")
    assert outcome(tmp_path / "run") == outcome(unbroken[0])


def _sweep(folder: Path) -> None:
    """Remove the temporary files of killed writers: they are hidden, and read by nobody."""
    for path in folder.rglob(".*"):
        path.unlink()
