"""A generator that is any program: it is called once a clip and writes the file."""

from __future__ import annotations

import json
import os
import re
import resource
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import GeneratorError, UsageError
from lvbench.generators.base import Clip, Generator, GeneratorInfo, Request
from lvbench.generators.measure import Meter
from lvbench.results.files import canonical_json, write_atomic
from lvbench.video.decode import open_video
from lvbench.video.frames import Products
from lvbench.video.manifest_entry import ManifestEntry

_PLACES = ("prompt", "seconds", "fps", "width", "height", "seed", "out", "request")
_PLACE = re.compile(r"\{([A-Za-z_]*)\}")
_SHOWN_LINES = 5


class Command(Generator):
    """Call a program for every clip.

    Its words may hold {prompt} (the first prompt's text), {seconds}, {fps}, {width}, {height},
    {seed}, {out} (the file to write) and {request} (a JSON file with the whole request, prompt
    schedule included). No shell reads them. A program that works in chunks may write
    `{"seams": [seconds, ...]}` into `{out}.json`.

    Args:
        template: The command line.

    Raises:
        UsageError: The template has no {out}, or a place that does not exist.
    """

    def __init__(self, template: str) -> None:
        self._words = _split(template)
        named = [place for word in self._words for place in _PLACE.findall(word)]
        unknown = [f"{{{place}}}" for place in named if place not in _PLACES]
        if unknown or "out" not in named:
            raise UsageError(
                "use the program as a generator",
                found=f"unknown place {unknown[0]}" if unknown else "no {out} in its words",
                where=template,
                mend=f"places are {' '.join(f'{{{p}}}' for p in _PLACES)}; {{out}} must be there",
            )
        if shutil.which(self._words[0]) is None:
            raise UsageError(
                "use the program as a generator",
                found="no program of that name that may be executed",
                where=self._words[0],
                mend="check the name, or give its full path",
            )
        name = Path(self._words[0]).name
        self.info = GeneratorInfo(f"command:{name}", "unknown", "unknown")

    def frames(self, request: Request) -> Iterator[NDArray[np.uint8]]:
        """Yield the frames of the file that the program writes."""
        import tempfile

        with tempfile.TemporaryDirectory() as scratch:
            clip = self.make(request, Path(scratch) / f"{request.id}.mp4")
            with open_video(clip.path, Products(rgb=True)) as reader:
                for chunk in reader:
                    assert chunk.rgb is not None
                    yield chunk.rgb

    def make(self, request: Request, path: Path) -> Clip:
        """Run the program; its file is kept as it is, never encoded again.

        Raises:
            GeneratorError: The program is not there, fails, writes no file, or tells seams that
                are none (its clip is then set aside as `<clip>.rejected`); what it printed is in
                `<clip>.log` beside the clip.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        # What an earlier, interrupted call left must not pass for this one's.
        for left in (path, _told_beside(path)):
            left.unlink(missing_ok=True)
        asked = path.with_suffix(".request.json")
        write_atomic(asked, canonical_json(request.as_json(), indent=1) + "\n")
        log = path.with_suffix(".log")
        words = [self._filled(word, request, path, asked) for word in self._words]
        with Meter() as meter:
            status, peak = _run(words, log, meter)
        if status != 0 or not path.is_file():
            path.unlink(missing_ok=True)
            said = log.read_text("utf-8", "replace").strip().splitlines()[-_SHOWN_LINES:]
            found = f"exit status {status}" if status else "it ended well but wrote no file"
            raise GeneratorError(
                f"make the clip '{request.id}'",
                found=f"{found}; last words: {' / '.join(said) or 'none'}",
                where=shlex.join(words),
                mend=f"run that line by hand; all it printed is in {log}",
            )
        return Clip(path, _seams(path), meter.cost(request.seconds, peak))

    def _filled(self, word: str, request: Request, path: Path, asked: Path) -> str:
        values = {
            "prompt": request.prompts[0].text if request.prompts else "",
            "seconds": f"{request.seconds:g}",
            "fps": f"{request.fps:g}",
            "width": str(request.width),
            "height": str(request.height),
            "seed": str(request.seed),
            "out": str(path),
            "request": str(asked),
        }
        # In one go: a place that a prompt or a path happens to spell is not filled.
        return _PLACE.sub(lambda found: values[found[1]], word)


def _split(template: str) -> list[str]:
    try:
        return shlex.split(template)
    except ValueError as error:
        raise UsageError(
            "use the program as a generator",
            found=str(error),
            where=template,
            mend="close every quotation in the command line",
        ) from error


def _run(words: list[str], log: Path, meter: Meter) -> tuple[int, int | None]:
    """Return exit status and peak memory in bytes of a program, while `meter` watches it.

    The memory is None where the system does not know it: a program inherits its parent's peak
    until its own is higher, so a smaller one cannot be told.
    """
    floor = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        with log.open("wb") as output:
            process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )
    except OSError as error:
        raise GeneratorError(
            "run the generator's program",
            found=error.strerror or str(error),
            where=words[0],
            mend="check the program's name and that it may be executed",
        ) from error
    meter.process = process.pid
    try:
        _, status, usage = os.wait4(process.pid, 0)
    except BaseException:
        process.kill()
        process.wait()
        raise
    process.returncode = os.waitstatus_to_exitcode(status)
    unit = 1 if sys.platform == "darwin" else 1024
    return process.returncode, usage.ru_maxrss * unit if usage.ru_maxrss > floor else None


def _told_beside(path: Path) -> Path:
    return path.with_name(path.name + ".json")


def _seams(path: Path) -> tuple[float, ...] | None:
    beside = _told_beside(path)
    if not beside.is_file():
        return None
    try:
        told: Any = json.loads(beside.read_text("utf-8"))
        return ManifestEntry(path=path, id="clip", seams=tuple(map(float, told["seams"]))).seams
    except (ValueError, KeyError, TypeError) as error:
        path.replace(path.with_name(path.name + ".rejected"))
        raise GeneratorError(
            "read the seams that the generator told",
            found=f"{type(error).__name__}: {error}",
            where=str(beside),
            mend='write {"seams": [seconds, ...]} with times that increase, or no such file',
        ) from error
