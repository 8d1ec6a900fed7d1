"""What a block takes is measured: time, the tree's memory, and energy where counters are."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from lvbench.generators.contract import measure
from lvbench.generators.contract.measure import Meter, package_energy


def powercap(root: Path, name: str, kind: str, energy: int, wraps: int = 10**9) -> Path:
    folder = root / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "name").write_text(f"{kind}\n")
    (folder / "energy_uj").write_text(f"{energy}\n")
    (folder / "max_energy_range_uj").write_text(f"{wraps}\n")
    return folder


def test_time_and_memory_of_this_process() -> None:
    with Meter(os.getpid()) as meter:
        held = bytearray(os.urandom(64)) * 2**20
        time.sleep(0.15)
    found = meter.cost(2.0)
    assert found["generated_seconds"] == 2.0
    assert float(found["seconds"]) >= 0.15
    assert float(found["peak_bytes"]) > len(held)


def test_the_memory_of_children_counts() -> None:
    hold = "x = b'1' * 10**8; import time; time.sleep(0.7)"
    with Meter() as meter:
        process = subprocess.Popen([sys.executable, "-c", hold])
        meter.process = process.pid
        process.wait()
    assert 1e8 < float(meter.cost(1.0)["peak_bytes"]) < 3e8


def test_what_is_seen_once_alone_is_no_peak(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between fork and exec a child counts as its parent once more."""
    seen = [100, 200, 100, 150, 150]
    monkeypatch.setattr(measure, "_tree", lambda _: (set(), seen.pop(0) if seen else 0))
    with Meter(process=1) as meter:
        while seen:
            time.sleep(0.01)
    assert meter.cost(1.0)["peak_bytes"] == 150


def test_without_counters_there_is_no_energy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measure, "POWERCAP", tmp_path / "none")
    monkeypatch.setitem(sys.modules, "pynvml", None)
    with Meter() as meter:
        pass
    assert meter.cost(1.0).keys() == {"seconds", "generated_seconds"}


def test_packages_are_summed_and_a_counter_may_wrap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measure, "POWERCAP", tmp_path)
    monkeypatch.setitem(sys.modules, "pynvml", None)
    first = powercap(tmp_path, "intel-rapl:0", "package-0", 5_000_000)
    second = powercap(tmp_path, "intel-rapl:1", "package-1", 999_000_000)
    powercap(tmp_path, "intel-rapl:0:0", "core", 1)
    powercap(tmp_path, "intel-rapl:2", "psys", 1)
    assert list(package_energy()) == [first, second]
    with Meter() as meter:
        (first / "energy_uj").write_text("8000000\n")
        (second / "energy_uj").write_text("1000000\n")
    found = meter.cost(1.0)
    assert found["energy_joules"] == pytest.approx(3.0 + 2.0)
    assert found["energy_source"] == "rapl"


def test_gpus_tell_energy_and_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = {"0": 1000, "GPU-b": 7000}

    def consumed(gpu: str) -> int:
        drawn[gpu] += 500
        return drawn[gpu]

    running = [
        SimpleNamespace(pid=os.getpid(), usedGpuMemory=10),
        SimpleNamespace(pid=1, usedGpuMemory=99),
    ]
    library: Any = ModuleType("pynvml")
    library.NVMLError = RuntimeError
    library.nvmlInit = library.nvmlShutdown = lambda: None
    library.nvmlDeviceGetHandleByIndex = str
    library.nvmlDeviceGetHandleByUUID = str
    library.nvmlDeviceGetTotalEnergyConsumption = consumed
    library.nvmlDeviceGetComputeRunningProcesses = lambda _: running
    monkeypatch.setitem(sys.modules, "pynvml", library)
    monkeypatch.setattr(measure, "POWERCAP", tmp_path / "none")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0, GPU-b")
    with Meter(os.getpid()) as meter:
        time.sleep(0.1)
    found = meter.cost(1.0)
    assert found["energy_joules"] == 1.0
    assert found["energy_source"] == "nvml"
    assert found["device_peak_bytes"] == 20.0
