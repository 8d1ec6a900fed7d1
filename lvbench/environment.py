"""Describe the machine and the software behind a run, naming no host, user or path."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from lvbench import __version__

_PACKAGES = (
    "numpy",
    "scipy",
    "opencv-python-headless",
    "av",
    "pandas",
    "torch",
    "torchvision",
)
_GIT_SECONDS = 2.0
_CPUINFO = Path("/proc/cpuinfo")
# Instruction sets by which libraries choose their code, which changes rounding.
_SIMD = re.compile(r"(sse|ssse3|avx|fma|f16c|amx|asimd|sve|neon)")
_SWITCHES = (
    "ATEN_CPU_CAPABILITY",
    "MKL_CBWR",
    "MKL_ENABLE_INSTRUCTIONS",
    "NPY_DISABLE_CPU_FEATURES",
    "ONEDNN_MAX_CPU_ISA",
    "OPENCV_CPU_DISABLE",
    "OPENBLAS_CORETYPE",
)


def environment() -> dict[str, Any]:
    """Return the machine and the software of a run.

    None of it is part of a protocol's identity; torch is looked up, never imported.

    Returns:
        JSON-ready: `python`, `platform` ("Linux x86_64"), `cpu` (model name), `instructions` (see
        `instruction_sets`), `cores` (usable by this process), `memory_bytes`, `packages` (name to
        version: lvbench and, of those that compute, the installed ones), `ffmpeg`
        (PyAV's libraries, name to version), `commit` (of lvbench's own checkout with `-dirty`
        where it was edited, else None).
    """
    import psutil

    return {
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "cpu": _cpu_model(),
        "instructions": instruction_sets(),
        "cores": usable_cores(),
        "memory_bytes": int(psutil.virtual_memory().total),
        "packages": {"lvbench": __version__}
        | {name: v for name in _PACKAGES if (v := installed(name)) is not None},
        "ffmpeg": _ffmpeg_libraries(),
        "commit": _commit(),
    }


def instruction_sets() -> dict[str, Any]:
    """Return the instruction sets that may be used here.

    Returns:
        JSON-ready: `cpu` (those of the processor, sorted), `switches` (the environment variables by
        which OpenCV, numpy, torch and their libraries are set to use others, where present).
    """
    return {
        "cpu": sorted({name for name in _cpu_flags() if _SIMD.match(name)}),
        "switches": {name: os.environ[name] for name in _SWITCHES if name in os.environ},
    }


def made_by(environment: Mapping[str, Any]) -> str:
    """Return the version of lvbench in the environment of a run; several joined by `+`.

    Without any, the version of this lvbench.
    """
    machines = environment.get("machines")
    parts = [environment, *(machines if isinstance(machines, list) else [])]
    found = {
        version
        for part in parts
        if isinstance(part, Mapping)
        and isinstance(packages := part.get("packages"), Mapping)
        and isinstance(version := packages.get("lvbench"), str)
    }
    return "+".join(sorted(found)) or __version__


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
    if not _CPUINFO.is_file():
        return _output("sysctl", "-n", "machdep.cpu.brand_string") or platform.machine()
    return _cpuinfo("model name") or platform.machine()


def _cpu_flags() -> list[str]:
    if _CPUINFO.is_file():
        return (_cpuinfo("flags") or _cpuinfo("Features")).lower().split()
    # An Intel Mac lists them; Apple's chips do not, and the chip's name is enough.
    names = ("machdep.cpu.features", "machdep.cpu.leaf7_features")
    return " ".join(_output("sysctl", "-n", name) or "" for name in names).lower().split()


def _cpuinfo(key: str) -> str:
    """Return the first value of a key of /proc/cpuinfo; empty where it is missing."""
    try:
        lines = _CPUINFO.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        return ""
    values = (line.partition(":")[2].strip() for line in lines if line.startswith(key))
    return next(values, "")


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
