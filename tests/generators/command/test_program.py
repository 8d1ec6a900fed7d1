"""A program runs within its limits, and nothing of it is left running."""

from __future__ import annotations

import contextlib
import sys
import time
from pathlib import Path

import psutil
import pytest

from lvbench.errors import GeneratorError, StorageError
from lvbench.generators.command.program import Program, ProgramLimits

CHILD = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', {!r}]); "
SLEEP = "import time; time.sleep(60)"


def words(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def gone(number: int) -> bool:
    """Tell whether a process has ended; one that nobody has waited for yet has."""
    for _ in range(100):
        try:
            if psutil.Process(number).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.05)
    return False


def running(mark: str) -> list[psutil.Process]:
    """List this process's children that run and have `mark` in their words."""
    found = []
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.NoSuchProcess):  # A zombie counts as one that is gone.
            if mark in " ".join(child.cmdline()):
                found.append(child)
    return found


def test_status_and_words_are_kept(tmp_path: Path) -> None:
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"
    with Program(words(code), tmp_path / "log", ProgramLimits()) as program:
        ended = program.wait()
    assert (ended.status, ended.broke) == (3, None)
    assert sorted((tmp_path / "log").read_text().split()) == ["err", "out"]


def test_output_is_read_and_errors_are_kept(tmp_path: Path) -> None:
    code = "import sys; print('frames'); print('said', file=sys.stderr)"
    with Program(words(code), tmp_path / "log", ProgramLimits(), piped=True) as program:
        assert program.output.read() == b"frames\n"
        assert program.wait().status == 0
    assert (tmp_path / "log").read_text() == "said\n"


def test_a_time_limit_ends_it_and_its_children(tmp_path: Path) -> None:
    code = CHILD.format(SLEEP) + SLEEP
    started = time.monotonic()
    with Program(words(code), tmp_path / "log", ProgramLimits(seconds=1.0)) as program:
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
    with Program(words(code), tmp_path / "log", ProgramLimits(memory_bytes=2e8)) as program:
        ended = program.wait()
    assert ended.code == "generator_out_of_memory"
    assert ended.broke is not None
    assert "more than 0.2 GB" in ended.broke


def test_nothing_is_left_running_when_the_block_is_left(tmp_path: Path) -> None:
    with (
        pytest.raises(KeyboardInterrupt),
        Program(words(SLEEP), tmp_path / "log", ProgramLimits()) as program,
    ):
        raise KeyboardInterrupt
    assert gone(program.number)


def test_a_child_that_outlives_it_is_ended(tmp_path: Path) -> None:
    code = f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {SLEEP!r}]); "
    with Program(words(code + "print(p.pid)"), tmp_path / "log", ProgramLimits()) as program:
        assert program.wait().status == 0
        child = int((tmp_path / "log").read_text())
        assert psutil.pid_exists(child)
    assert gone(child)


# Each starts a process that leaves the program's session, and says its number.
LEAVE = {
    "session": "import os, time, sys\nif os.fork() == 0:\n os.setsid()\n{told}\n",
    "session and parent": "import os, time, sys\nif os.fork() == 0:\n os.setsid()\n"
    " if os.fork():\n  os._exit(0)\n{told}\n",
    "session and environment": "import subprocess, sys, time\n"
    "subprocess.Popen([sys.executable, '-c', {told!r}], env={{}}, start_new_session=True)\n",
}


@pytest.mark.parametrize("way", LEAVE)
@pytest.mark.parametrize("piped", [False, True])
def test_what_leaves_its_session_ends_with_it(tmp_path: Path, way: str, piped: bool) -> None:
    told = "import os, time; open('pid', 'w').write(str(os.getpid())); time.sleep(60)"
    indented = f" {told}\n os._exit(0)" if "environment" not in way else told
    code = LEAVE[way].format(told=indented) + "time.sleep(1)"
    with Program(
        words(code), tmp_path / "log", ProgramLimits(seconds=30), piped=piped, folder=tmp_path
    ) as program:
        # The child holds the output open; its end comes with the program's all the same.
        if piped:
            program.output.read()
        program.wait()
    assert gone(int((tmp_path / "pid").read_text()))


def test_a_log_that_cannot_be_written_leaves_no_program(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    with pytest.raises(StorageError):
        Program(words(SLEEP + "# a log"), tmp_path / "log", ProgramLimits())
    assert not running("# a log")


def test_what_cannot_be_started_is_told(tmp_path: Path) -> None:
    with pytest.raises(GeneratorError, match="No such file"):
        Program(["/no/such/program"], tmp_path / "log", ProgramLimits())
