"""A process's peak of memory is its own, not that of the process that started it."""

from __future__ import annotations

import os
import subprocess
import sys

from lvbench.memory import marked_peak, peak_memory

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
