"""A program runs within its limits, and nothing of it is left running."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import psutil
import pytest

from lvbench.errors import GeneratorError
from lvbench.generators.program import Bounds, Program

CHILD = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', {!r}]); "
SLEEP = "import time; time.sleep(60)"


def words(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def gone(number: int) -> bool:
    """Tell whether a process has ended; one that nobody has waited for yet has."""
    for _ in range(100):
        if not psutil.pid_exists(number) or psutil.Process(number).status() == "zombie":
            return True
        time.sleep(0.05)
    return False


def test_status_and_words_are_kept(tmp_path: Path) -> None:
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"
    with Program(words(code), tmp_path / "log", Bounds()) as program:
        ended = program.wait()
    assert (ended.status, ended.broke) == (3, None)
    assert sorted((tmp_path / "log").read_text().split()) == ["err", "out"]


def test_output_is_read_and_errors_are_kept(tmp_path: Path) -> None:
    code = "import sys; print('frames'); print('said', file=sys.stderr)"
    with Program(words(code), tmp_path / "log", Bounds(), piped=True) as program:
        assert program.output.read() == b"frames\n"
        assert program.wait().status == 0
    assert (tmp_path / "log").read_text() == "said\n"


def test_a_time_limit_ends_it_and_its_children(tmp_path: Path) -> None:
    code = CHILD.format(SLEEP) + SLEEP
    started = time.monotonic()
    with Program(words(code), tmp_path / "log", Bounds(seconds=1.0)) as program:
        while not (children := psutil.Process(program.number).children()):
            time.sleep(0.01)
        ended = program.wait()
    assert ended.broke == "it took more than 1 s"
    assert ended.code == "generator_timeout"
    assert ended.status < 0
    assert time.monotonic() - started < 20
    assert all(gone(child.pid) for child in children)


def test_a_memory_limit_counts_its_children(tmp_path: Path) -> None:
    code = CHILD.format("x = b'1' * 3 * 10**8; " + SLEEP) + SLEEP
    with Program(words(code), tmp_path / "log", Bounds(memory_bytes=2e8)) as program:
        ended = program.wait()
    assert ended.code == "generator_out_of_memory"
    assert ended.broke is not None
    assert "more than 0.2 GB" in ended.broke


def test_nothing_is_left_running_when_the_block_is_left(tmp_path: Path) -> None:
    with (
        pytest.raises(KeyboardInterrupt),
        Program(words(SLEEP), tmp_path / "log", Bounds()) as program,
    ):
        raise KeyboardInterrupt
    assert gone(program.number)


def test_a_child_that_outlives_it_is_ended(tmp_path: Path) -> None:
    code = f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {SLEEP!r}]); "
    with Program(words(code + "print(p.pid)"), tmp_path / "log", Bounds()) as program:
        assert program.wait().status == 0
        child = int((tmp_path / "log").read_text())
        assert psutil.pid_exists(child)
    assert gone(child)


def test_what_cannot_be_started_is_told(tmp_path: Path) -> None:
    with pytest.raises(GeneratorError, match="No such file"):
        Program(["/no/such/program"], tmp_path / "log", Bounds())
