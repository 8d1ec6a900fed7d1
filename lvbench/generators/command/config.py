"""Configuration and command-line template of a program that is called as a generator."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import ClassVar, Literal

from lvbench.errors import UsageError
from lvbench.generators.contract.config import GeneratorConfig, Positive
from lvbench.generators.contract.types import ClipPlan, Request

PLACES = (
    *("prompt", "seconds", "frames", "fps", "width", "height", "seed"),
    *("image", "audio", "out", "request"),
)
_GIVEN = frozenset(
    {"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TERM"}
    | {"LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONPATH", "VIRTUAL_ENV", "CONDA_PREFIX"}
    | {"HF_HOME", "HF_HUB_CACHE", "HF_HUB_OFFLINE", "TORCH_HOME", "XDG_CACHE_HOME", "CUDA_HOME"}
    | {"CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "NVIDIA_VISIBLE_DEVICES"}
    | {"HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "LVBENCH_PROGRAM"}
    | {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"}
)
_GIVEN_BEGIN = "LC_"
_PLACE = re.compile(r"\{([A-Za-z_]*)\}")


class CommandConfig(GeneratorConfig):
    """Configuration of a program.

    Attributes:
        program: The command line, as a string or as a list of arguments.
        output: `file`: it writes {out}; `rgb24`: it prints frames as raw bytes, rows from the top.
        timeout_seconds: Time limit for a clip; two hours by default.
        memory_gb: Memory limit over all its processes, in 10^9 bytes.
        folder: Working directory.
        environment: Names of additional variables to pass; see `passed_variables`.
    """

    HARMLESS: ClassVar[frozenset[str]] = frozenset({"timeout_seconds", "memory_gb"})

    program: str | tuple[str, ...]
    output: Literal["file", "rgb24"] = "file"
    timeout_seconds: Positive = 7200.0
    memory_gb: Positive | None = None
    folder: str | None = None
    environment: tuple[str, ...] = ()


def passed_variables(named: Iterable[str], every: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables that are passed to a program.

    Passed are paths (programs, libraries, caches, home), language and time zone, the choice of
    processors and threads, and the `named` variables; no other variable, so no unnamed key.
    """
    wanted = {*_GIVEN, *named}
    return {n: said for n, said in every.items() if n in wanted or n.startswith(_GIVEN_BEGIN)}


class Template:
    """Fill the placeholders of a command line.

    Raises:
        UsageError: The program is missing, {out} is missing, or a placeholder is unknown.
    """

    def __init__(self, config: CommandConfig) -> None:
        given = config.program
        self.words = _split(given) if isinstance(given, str) else list(given)
        shown = given if isinstance(given, str) else shlex.join(given)
        named = [place for word in self.words for place in _PLACE.findall(word)]
        unknown = [f"{{{place}}}" for place in named if place not in PLACES]
        silent = config.output == "file" and "out" not in named
        if unknown or silent or not self.words:
            raise UsageError(
                "use the program as a generator",
                found=f"unknown placeholder {unknown[0]}" if unknown else "no {out} placeholder",
                where=shown,
                fix=f"use {' '.join(f'{{{p}}}' for p in PLACES)}; {{out}} is required",
            )
        if shutil.which(self.words[0]) is None:
            raise UsageError(
                "use the program as a generator",
                found="no executable program of that name",
                where=self.words[0],
                fix="check the name, or give its full path",
            )

    def filled(self, request: Request, plan: ClipPlan, out: Path, asked: Path) -> list[str]:
        """Return the arguments with every placeholder filled.

        Args:
            request: The request.
            plan: Its plan, which sets length, rate and size.
            out: File to write.
            asked: File with the request.
        """
        values = {
            "prompt": request.prompts[0].text if request.prompts else "",
            "seconds": f"{plan.seconds:g}",
            "frames": str(plan.frames),
            "fps": f"{plan.fps:g}",
            "width": str(plan.width),
            "height": str(plan.height),
            "seed": str(request.seed),
            "image": str(request.image or ""),
            "audio": str(request.audio or ""),
            "out": str(out),
            "request": str(asked),
        }
        # In one pass: a placeholder inside a prompt or a path is not filled.
        return [_PLACE.sub(lambda found: values[found[1]], word) for word in self.words]


def _split(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError as error:
        raise UsageError(
            "use the program as a generator",
            found=str(error),
            where=line,
            fix="close every quotation mark in the command line",
        ) from error
