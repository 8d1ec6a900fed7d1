"""Generator adapter for external programs: one call per clip, output as a file or as frames."""

from __future__ import annotations

import os
import shlex
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import GeneratorError
from lvbench.generators.command.config import CommandConfig, Template, passed_variables
from lvbench.generators.command.program import Program, ProgramExit, ProgramLimits
from lvbench.generators.contract.base import Clip, ClipPlan, FileGenerator, Generator, Request
from lvbench.generators.contract.config import is_config, read_config
from lvbench.generators.contract.measure import Meter
from lvbench.generators.contract.pixels import SLICE_FRAMES
from lvbench.generators.contract.plan import even_seams, nearest_plan
from lvbench.generators.contract.secrets import Secrets, names_secret
from lvbench.reading import read_json
from lvbench.results.files import canonical_json, write_atomic
from lvbench.video.manifest.entry import ManifestEntry

_SHOWN_LINES, _SHOWN_LETTERS = 5, 300
_MOST_SEAM_BYTES, _SHOWN_ERROR = 1_000_000, 500
_SHORTEST = 6  # a shorter value is not a key, and would match ordinary text


class Command(FileGenerator):
    """Call a program for every clip: `command:PROGRAM ... {out}` or `command:FILE.yaml`.

    Arguments may contain {prompt} (the first prompt's text), {seconds}, {frames}, {fps}, {width},
    {height}, {seed}, {image}, {audio}, {out} (the file to write) and {request} (a JSON file with
    the complete request, prompt schedule included). No shell parses them. A program that works in
    chunks may write `{"seams": [seconds, ...]}` to `{out}.json`.

    The file sets `program` (the arguments), `output` (`file`, or `rgb24`: frames as raw bytes on
    standard output), `timeout_seconds`, `memory_gb`, `folder`, `environment` (names of variables
    to pass in addition to `passed_variables`), and describes the generator (`name`, `revision`,
    `fps`, `size`, `limits`, `schedule`, ...).

    Args:
        argument: The command line, or the path of a configuration file.

    Raises:
        UsageError: The arguments lack {out}, or contain an unknown placeholder.
        ConfigError: The configuration is not valid.
    """

    def __init__(self, argument: str) -> None:
        if is_config(argument) and len(argument.split()) == 1:
            config = read_config(argument, CommandConfig)
        else:
            config = CommandConfig(program=argument)
        # A relative folder is relative to the file that names it.
        folder = config.folder
        self._folder = None if folder is None else Path(argument).parent / folder
        self._config, self._template = config, Template(config)
        name = f"command:{Path(self._template.words[0]).name}"
        info = config.info(name, streams=config.output == "rgb24")
        # A command line needs no digest: the folder of clips records it.
        self.info = info if is_config(argument) else replace(info, revision=config.revision)
        self._environment = passed_variables(config.environment, os.environ)
        named = {n: said for n, said in self._environment.items() if n in config.environment}
        hidden = [said for n, said in named.items() if names_secret(n) and len(said) >= _SHORTEST]
        self._hidden = Secrets(hidden) if hidden else None
        gigabytes = config.memory_gb
        self._limits = ProgramLimits(config.timeout_seconds, gigabytes and gigabytes * 1e9)
        self._log: Path | None = None

    def plan(self, request: Request) -> ClipPlan:
        """Return the plan by the configured rate, size and limits."""
        plan = nearest_plan(self.info, request, self._config.limits.limits())
        if self._config.output == "file" or self.info.chunk_seconds is None:
            return plan
        return replace(plan, seams=even_seams(self.info.chunk_seconds, plan.seconds))

    def make(self, request: Request, path: Path) -> Clip:
        """Run the program; a file that it writes is kept unchanged, never encoded again.

        Raises:
            GeneratorError: The program is missing, fails, exceeds a limit, writes no file or a
                link, or writes invalid seams (its clip is then renamed to `<clip>.rejected`); the
                first and last part of its output is in `<clip>.log`.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        log = path.with_suffix(".log")
        if self._config.output == "file":
            return self._written(request, path, log)
        self._log = log
        try:
            return Generator.make(self, request, path)
        finally:
            self._log = None

    def frames(self, request: Request) -> Iterator[NDArray[np.uint8]]:
        """Yield the frames of the program's file, or of its standard output."""
        if self._config.output == "file":
            yield from super().frames(request)
            return
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch) / f"{request.id}.mp4"
            yield from self._printed(request, path, self._log or path.with_suffix(".log"))

    def _written(self, request: Request, path: Path, log: Path) -> Clip:
        # Output of an earlier, interrupted call must not be mistaken for this one's.
        _remove(path)
        _remove(seams_path(path))
        plan = self.plan(request)
        words = self._words(request, plan, path)
        with Meter() as meter, self._started(words, log) as program:
            meter.process = program.number
            ended = program.wait()
        fault = _no_clip(path)
        if ended.status != 0 or ended.broke or fault is not None:
            _remove(path)
            self._fail(request, words, log, ended, f"exit status 0, but {fault}")
        return Clip(path, read_seams(path), meter.cost(plan.seconds))

    def _printed(self, request: Request, path: Path, log: Path) -> Iterator[NDArray[np.uint8]]:
        plan = self.plan(request)
        words = self._words(request, plan, path)
        size, left, rest = plan.height * plan.width * 3, plan.frames, 0
        with self._started(words, log, piped=True) as program:
            # Read one frame more than planned, to detect surplus frames.
            while data := program.output.read(size * min(SLICE_FRAMES, left + 1)):
                whole, rest = divmod(len(data), size)
                if whole:
                    shape = whole, plan.height, plan.width, 3
                    yield np.frombuffer(data[: whole * size], np.uint8).reshape(shape)
                left -= whole
                if left < 0:
                    return
            ended = program.wait()
        if rest or ended.status != 0 or ended.broke:
            found = f"the output ends within a frame of {plan.width}x{plan.height} rgb24"
            self._fail(request, words, log, ended, found)

    def _words(self, request: Request, plan: ClipPlan, path: Path) -> list[str]:
        """Return the filled command line; write the request to a file next to the clip."""
        asked = path.with_suffix(".request.json")
        made = {"frames": plan.frames, "fps": plan.fps, "width": plan.width, "height": plan.height}
        written = canonical_json(request.as_json() | {"plan": made}, indent=1)
        write_atomic(asked, written + "\n")
        return self._template.filled(request, plan, path, asked)

    def _started(self, words: list[str], log: Path, *, piped: bool = False) -> Program:
        return Program(
            words,
            log,
            self._limits,
            piped=piped,
            folder=self._folder,
            environment=self._environment,
            hidden=self._hidden,
        )

    def _fail(
        self, request: Request, words: list[str], log: Path, ended: ProgramExit, found: str
    ) -> NoReturn:
        """Raise the clip's error: an exceeded limit, an exit status, or `found`."""
        lines = log.read_text("utf-8", "replace").strip().splitlines()[-_SHOWN_LINES:]
        said = [line[-_SHOWN_LETTERS:] for line in lines]
        found = ended.broke or (f"exit status {ended.status}" if ended.status else found)
        fix = f"run that command by hand; its output is in {log}"
        if ended.code == "generator_timeout":
            fix = f"raise timeout_seconds in the generator's file; or {fix}"
        raise GeneratorError(
            f"make the clip '{request.id}'",
            found=f"{found}; last output: {' / '.join(said) or 'none'}",
            where=shlex.join(words),
            fix=fix,
            code=ended.code,
        )


def _no_clip(path: Path) -> str | None:
    """Return why a path is not a clip; None where it is a regular file."""
    try:
        mode = path.lstat().st_mode
    except OSError:
        return "the program wrote no file"
    if stat.S_ISLNK(mode):
        return "the program wrote a link, not a file"
    return None if stat.S_ISREG(mode) else "the program wrote no regular file"


def _remove(path: Path) -> None:
    """Remove a file or a link; a folder created by the program is moved away."""
    try:
        path.unlink(missing_ok=True)
    except OSError:
        with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
            path.replace(Path(scratch) / path.name)


def seams_path(path: Path) -> Path:
    """Return where a program writes the seams of a clip."""
    return path.with_name(path.name + ".json")


def read_seams(path: Path) -> tuple[float, ...] | None:
    """Return the seams in `<file>.json`; None where there is no such file.

    Raises:
        GeneratorError: They are not valid; the file is renamed to `<file>.rejected`.
    """
    sidecar = seams_path(path)
    try:
        if not stat.S_ISREG(sidecar.lstat().st_mode):
            raise ValueError("a link, or not a regular file")
        return _seams(read_json(sidecar, _MOST_SEAM_BYTES), path)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, OverflowError) as error:
        path.replace(path.with_name(path.name + ".rejected"))
        raise GeneratorError(
            "read the seams that the generator wrote",
            found=f"{type(error).__name__}: {error}"[:_SHOWN_ERROR],
            where=str(sidecar),
            fix='write {"seams": [seconds, ...]} with increasing times, or no such file',
        ) from None


def _seams(content: Any, path: Path) -> tuple[float, ...] | None:
    seams = content["seams"]
    if not isinstance(seams, list):
        raise TypeError("'seams' is not a list")
    return ManifestEntry(path=path, id="clip", seams=tuple(map(float, seams))).seams
