"""A process's peak of memory is its own; where there is too little, the limits are told."""

from __future__ import annotations

import errno
import os
import subprocess
import sys

import pytest

from lvbench.memory import marked_peak, peak_memory, shortage

SMALL = "from lvbench.memory import peak_memory; print(peak_memory())"


def test_it_holds_what_was_held() -> None:
    size = 10**8
    held = bytearray(os.urandom(64)) * (size // 64)
    del held
    assert peak_memory() > size


def test_a_program_does_not_begin_at_its_parents_peak() -> None:
    held = bytearray(os.urandom(64)) * (2 * 10**8 // 64)
    done = subprocess.run([sys.executable, "-c", SMALL], check=True, capture_output=True, text=True)
    assert int(done.stdout) < 10**8 < len(held)


def test_a_process_that_is_not_there_has_none() -> None:
    assert marked_peak(2**30) is None


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        ImportError("\nlong advice\nx.so: failed to map segment from shared object\nmore advice"),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable"),
        RuntimeError("can't start new thread"),
    ],
)
def test_where_memory_is_short_the_limits_are_told(error: Exception) -> None:
    told = shortage(error)
    assert told is not None
    assert told.code == "out_of_memory"
    assert "advice" not in str(told)
    assert "run the same command again" in told.fix


@pytest.mark.parametrize(
    "error", [ImportError("No module named 'x'"), OSError(errno.ENOENT, "none"), RuntimeError("x")]
)
def test_what_is_no_shortage_is_not_told_as_one(error: Exception) -> None:
    assert shortage(error) is None
