"""The words of a program that is called as a generator, and the places in them."""

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
    """How a program is called.

    Attributes:
        program: The command line, as a line or as a list of words.
        output: `file`: it writes {out}; `rgb24`: it prints frames as raw bytes, rows from the top.
        timeout_seconds: Longest time for a clip; two hours if left out.
        memory_gb: Most main memory of its processes together, in 10^9 bytes.
        folder: Working directory.
        environment: Names of further variables that it is given; see `passed_variables`.
    """

    HARMLESS: ClassVar[frozenset[str]] = frozenset({"timeout_seconds", "memory_gb"})

    program: str | tuple[str, ...]
    output: Literal["file", "rgb24"] = "file"
    timeout_seconds: Positive = 7200.0
    memory_gb: Positive | None = None
    folder: str | None = None
    environment: tuple[str, ...] = ()


def passed_variables(named: Iterable[str], every: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a program is given.

    These are where programs, libraries, caches and the home are, language and time zone, what
    chooses processors and threads, and those that are named: no key that nobody named.
    """
    wanted = {*_GIVEN, *named}
    return {n: said for n, said in every.items() if n in wanted or n.startswith(_GIVEN_BEGIN)}


class Template:
    """Fill the places in a command line.

    Raises:
        UsageError: The words do not serve: no such program, no {out}, an unknown place.
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
                found=f"unknown place {unknown[0]}" if unknown else "no {out} in its words",
                where=shown,
                fix=f"places are {' '.join(f'{{{p}}}' for p in PLACES)}; {{out}} must be there",
            )
        if shutil.which(self.words[0]) is None:
            raise UsageError(
                "use the program as a generator",
                found="no program of that name that may be executed",
                where=self.words[0],
                fix="check the name, or give its full path",
            )

    def filled(self, request: Request, plan: ClipPlan, out: Path, asked: Path) -> list[str]:
        """Return the words with every place filled.

        Args:
            request: What is asked for.
            plan: What will be made of it: length, rate and size are the plan's.
            out: File to write.
            asked: File that holds the request.
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
        # In one go: a place that a prompt or a path happens to spell is not filled.
        return [_PLACE.sub(lambda found: values[found[1]], word) for word in self.words]


def _split(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError as error:
        raise UsageError(
            "use the program as a generator",
            found=str(error),
            where=line,
            fix="close every quotation in the command line",
        ) from error
