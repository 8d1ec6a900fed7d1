"""The most memory that a process has held, by the system's own mark."""

from __future__ import annotations

import contextlib
import resource
import sys
from pathlib import Path


def peak_memory() -> int:
    """Return the most main memory that this process has held, in bytes."""
    peak = marked_peak("self")
    if peak is None:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        peak *= 1 if sys.platform == "darwin" else 1024
    return peak


def marked_peak(process: int | str) -> int | None:
    """Return the most main memory that a process has held since its program began, in bytes.

    Linux keeps the mark (VmHWM). The `ru_maxrss` of getrusage and wait4 is no substitute there: it
    begins at the peak of the process that started this one.

    Args:
        process: Its number, or "self".

    Returns:
        Bytes; None for a process that has ended, and where the system keeps no mark.
    """
    with contextlib.suppress(OSError):
        status = Path(f"/proc/{process}/status").read_text("ascii", "replace")
        for line in status.splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return None
