"""Measure the peak memory of a process, and report a shortage."""

from __future__ import annotations

import contextlib
import errno
import resource
import sys
from pathlib import Path

from lvbench.errors import LvbenchError

_SHORT = ("failed to map segment", "Cannot allocate memory", "can't start new thread")


def peak_memory() -> int:
    """Return the peak main memory of this process in bytes."""
    peak = marked_peak("self")
    if peak is None:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        peak *= 1 if sys.platform == "darwin" else 1024
    return peak


def marked_peak(process: int | str) -> int | None:
    """Return the peak main memory of a process since its program began, in bytes.

    Linux records it (VmHWM). The `ru_maxrss` of getrusage and wait4 is no substitute there: it
    begins at the peak of the process that started this one.

    Args:
        process: Its number, or "self".

    Returns:
        Bytes; None for a process that has ended, and where the system has no record.
    """
    with contextlib.suppress(OSError):
        status = Path(f"/proc/{process}/status").read_text("ascii", "replace")
        for line in status.splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return None


def shortage(error: BaseException) -> LvbenchError | None:
    """Return the error to report where the system gave no memory, thread or process.

    Returns:
        The error (`out_of_memory`); None for an error of another cause.
    """
    number = error.errno if isinstance(error, OSError) else None
    lines = str(error).splitlines()
    reason = next((line for line in lines if any(words in line for words in _SHORT)), None)
    known = reason is not None or isinstance(error, MemoryError)
    if not known and number not in (errno.ENOMEM, errno.EAGAIN):
        return None
    limits = []
    for name, option, scale, unit in (("AS", "v", 1e6, " MB"), ("NPROC", "u", 1, " processes")):
        most = resource.getrlimit(getattr(resource, f"RLIMIT_{name}"))[0]
        if most != resource.RLIM_INFINITY:
            limits.append(f"{most / scale:.0f}{unit} (ulimit -{option})")
    return LvbenchError(
        "go on",
        found=f"the system gives no more memory or processes: {reason or type(error).__name__}",
        where=f"this process; its limits are {', '.join(limits) or 'those of the machine'}",
        fix="raise the limit, end other programs or use fewer --workers; then run the same "
        "command again: it resumes",
        code="out_of_memory",
    )
