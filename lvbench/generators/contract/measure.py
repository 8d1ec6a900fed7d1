"""Measure the cost of a clip: seconds, peak memory, and energy where the machine reports it."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from lvbench.memory import marked_peak

POWERCAP = Path("/sys/class/powercap")
_EVERY_SECONDS = 0.05

Cost = dict[str, float | str]


class Meter:
    """Measure from the beginning of a `with` block to its end.

    Memory is sampled 20 times a second. On Linux the peak of a single process is the kernel's, up
    to the last sample; elsewhere, and for several processes together, shorter peaks may be missed.

    Args:
        process: Id of the process whose tree is measured; None until known, which may be inside
            the block.
    """

    def __init__(self, process: int | None = None) -> None:
        self.process = process
        self._done = threading.Event()
        self._sampler = threading.Thread(target=self._sample, daemon=True)
        self._memory, self._device_memory = 0, 0
        self._device = _Nvml()

    def __enter__(self) -> Meter:
        self._energy = _Energy(self._device)
        self._started = time.perf_counter()
        self._sampler.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._seconds = time.perf_counter() - self._started
        self._done.set()
        self._sampler.join()
        self._spent = self._energy.spent()
        self._device.close()

    def cost(self, generated_seconds: float) -> Cost:
        """Return the measurements, for a manifest.

        Args:
            generated_seconds: Length of the generated video.

        Returns:
            `seconds`, `generated_seconds`; `peak_bytes` of main memory over the process tree
            (shared pages count more than once); `device_peak_bytes` of the GPUs where NVML reports
            it; `energy_joules` and `energy_source` where the machine reports them: of all visible
            GPUs (`nvml`) and of the processor packages (`rapl`), including other users' work.
        """
        found: Cost = {"seconds": self._seconds, "generated_seconds": generated_seconds}
        if self._memory:
            found["peak_bytes"] = float(self._memory)
        if self._device_memory:
            found["device_peak_bytes"] = float(self._device_memory)
        if self._spent:
            found["energy_joules"] = sum(self._spent.values())
            found["energy_source"] = "+".join(sorted(self._spent))
        return found

    def _sample(self) -> None:
        before = 0
        while True:
            numbers, memory = _tree(self.process) if self.process else (set[int](), 0)
            own = (marked_peak(number) or 0 for number in numbers)
            # A child between fork and exec counts its parent's memory a second time: ignore a
            # value that only one sample shows.
            self._memory = max(self._memory, min(before, memory), *own)
            before = memory
            self._device_memory = max(self._device_memory, self._device.memory_of(numbers))
            if self._done.wait(_EVERY_SECONDS):
                return


def _tree(process: int) -> tuple[set[int], int]:
    """Return the process ids of a tree and their total memory in bytes."""
    import psutil

    numbers, total = set(), 0
    with contextlib.suppress(psutil.Error):
        root = psutil.Process(process)
        for one in (root, *root.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                total += one.memory_info().rss
                numbers.add(one.pid)
    return numbers, total


def tree_memory(process: int) -> int:
    """Return the total memory of a process tree in bytes."""
    return _tree(process)[1]


class _Energy:
    """Energy in joules since its creation, by source."""

    def __init__(self, device: _Nvml) -> None:
        self._device = device
        self._before = self._device.joules(), package_energy()

    def spent(self) -> dict[str, float]:
        """Return the energy in joules of each available source."""
        (device, packages), found = self._before, {}
        now = self._device.joules()
        if device is not None and now is not None:
            found["nvml"] = now - device
        after = package_energy()
        if packages and packages.keys() == after.keys():
            found["rapl"] = sum(_since(packages[p], after[p]) for p in packages)
        return found


def package_energy() -> dict[Path, tuple[int, int]]:
    """Return the counter of each processor package and its wrap-around value, in microjoules.

    Empty where the kernel has none, or only the superuser may read it.
    """
    found = {}
    for folder in sorted(POWERCAP.glob("intel-rapl:*")):
        # `intel-rapl:0:1` is a part of `intel-rapl:0`; `psys` includes the packages again.
        if folder.name.count(":") != 1:
            continue
        try:
            if not (folder / "name").read_text().startswith("package"):
                continue
            wraps = int((folder / "max_energy_range_uj").read_text())
            found[folder] = int((folder / "energy_uj").read_text()), wraps
        except (OSError, ValueError):
            continue
    return found


def _since(before: tuple[int, int], after: tuple[int, int]) -> float:
    joined = after[0] - before[0]
    return (joined if joined >= 0 else joined + before[1]) / 1e6


class _Nvml:
    """The GPUs as reported by NVIDIA's management library; none where it is missing."""

    def __init__(self) -> None:
        self._nvml: Any = None
        self._gpus: list[Any] = []
        try:
            import pynvml  # type: ignore[import-not-found, import-untyped, unused-ignore]

            pynvml.nvmlInit()
        except Exception:  # no module, no driver, no device: each raises its own
            return
        self._nvml = pynvml
        with contextlib.suppress(pynvml.NVMLError):
            self._gpus = [self._handle(name) for name in self._visible()]

    def joules(self) -> float | None:
        """Return the energy of the GPUs since driver load; None where they do not report it."""
        if not self._gpus:
            return None
        try:
            drawn = [self._nvml.nvmlDeviceGetTotalEnergyConsumption(gpu) for gpu in self._gpus]
        except self._nvml.NVMLError:
            return None
        return float(sum(drawn)) / 1000

    def memory_of(self, processes: set[int]) -> int:
        """Return the GPU memory of these processes in bytes."""
        total = 0
        for gpu in self._gpus:
            with contextlib.suppress(self._nvml.NVMLError):
                for one in self._nvml.nvmlDeviceGetComputeRunningProcesses(gpu):
                    total += (one.usedGpuMemory or 0) if one.pid in processes else 0
        return total

    def close(self) -> None:
        """Shut the library down."""
        if self._nvml is not None:
            with contextlib.suppress(self._nvml.NVMLError):
                self._nvml.nvmlShutdown()

    def _visible(self) -> list[str]:
        """Return indices or identifiers of the GPUs that programs may use."""
        visible = os.environ.get("CUDA_VISIBLE_DEVICES")
        if visible is None:
            return [str(i) for i in range(self._nvml.nvmlDeviceGetCount())]
        return [name.strip() for name in visible.split(",") if name.strip() not in ("", "-1")]

    def _handle(self, name: str) -> Any:
        if name.isdigit():
            return self._nvml.nvmlDeviceGetHandleByIndex(int(name))
        return self._nvml.nvmlDeviceGetHandleByUUID(name)
