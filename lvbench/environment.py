"""Describe the machine and the software behind a run, naming no host, user or path."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

_PACKAGES = (
    "lvbench",
    "numpy",
    "scipy",
    "opencv-python-headless",
    "av",
    "pandas",
    "torch",
    "torchvision",
)
_GIT_SECONDS = 2.0


def environment() -> dict[str, Any]:
    """Return what a reader of a run needs to know about where it was computed.

    Nothing here is part of a protocol's identity; torch is looked up, never imported.

    Returns:
        JSON-ready: `python`, `platform` ("Linux x86_64"), `cpu` (model name), `cores` (usable by
        this process), `memory_bytes`, `packages` (name to version, installed ones only), `ffmpeg`
        (PyAV's libraries, name to version), `commit` (of lvbench's own checkout with `-dirty`
        where it was edited, else None).
    """
    import psutil

    return {
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "cpu": _cpu_model(),
        "cores": usable_cores(),
        "memory_bytes": int(psutil.virtual_memory().total),
        "packages": {name: v for name in _PACKAGES if (v := installed(name)) is not None},
        "ffmpeg": _ffmpeg_libraries(),
        "commit": _commit(),
    }


def installed(package: str) -> str | None:
    """Return the installed version of a distribution without importing it, or None."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def usable_cores() -> int:
    """Return the number of logical cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return _output("sysctl", "-n", "machdep.cpu.brand_string") or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _ffmpeg_libraries() -> dict[str, str]:
    import av

    return {name: ".".join(map(str, v)) for name, v in sorted(av.library_versions.items())}


def _commit() -> str | None:
    root = Path(__file__).resolve().parents[1]
    if not (root / ".git").exists():
        return None
    return _output(
        "git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"
    )


def _output(*command: str) -> str | None:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_GIT_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None
