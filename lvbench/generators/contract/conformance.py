"""Does a generator conform to its contract? Every promise is tested on small clips."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from lvbench.errors import LvbenchError, StorageError
from lvbench.generators.contract.base import Generator, Request
from lvbench.generators.contract.inspect_clip import (
    ClipInspection,
    inspect_clip,
    peak_memory_by_quarter,
)
from lvbench.generators.contract.plan import deviations

Status = Literal["pass", "fail", "not applicable"]

_LONGER = 4
_SLACK_BYTES = 1e5


@dataclass(frozen=True, slots=True)
class PromiseResult:
    """Result of testing one promise.

    Attributes:
        promise: The promise.
        status: Whether it is kept.
        detail: The evidence.
    """

    promise: str
    status: Status
    detail: str


class BrokenPromiseError(Exception):
    """A promise is not kept; the message gives the evidence."""


class NotPromisedError(Exception):
    """The generator does not make this promise; the message gives the reason."""


def check(generator: Generator, request: Request | None = None) -> Iterator[PromiseResult]:
    """Test each promise of a generator and yield its result.

    Args:
        generator: The generator.
        request: The request to test with; by default the generator's own example.
    """
    with tempfile.TemporaryDirectory() as scratch:
        attempts = _Attempts(generator, request or generator.example(), Path(scratch))
        for promise, kept in _PROMISES.items():
            try:
                yield PromiseResult(promise, "pass", kept(attempts))
            except NotPromisedError as reason:
                yield PromiseResult(promise, "not applicable", str(reason))
            except BrokenPromiseError as reason:
                yield PromiseResult(promise, "fail", str(reason))
            except StorageError:
                raise
            # A generator may raise anything; its other promises are still tested.
            except Exception as error:
                found = error.found if isinstance(error, LvbenchError) else str(error)
                yield PromiseResult(promise, "fail", f"{type(error).__name__}: {found}")


class _Attempts:
    """The clips of the test, each generated once."""

    def __init__(self, generator: Generator, request: Request, folder: Path) -> None:
        self.generator, self.request, self.folder = generator, request, folder
        self.info = generator.info
        self._made: dict[str, ClipInspection] = {}

    def clip(self, name: str = "first", **changes: object) -> ClipInspection:
        """Return the inspection of a named clip, generated on first use."""
        if name not in self._made:
            asked = replace(self.request, **changes)  # type: ignore[arg-type]
            self._made[name] = inspect_clip(self.generator, asked, self.folder / f"{name}.mp4")
        return self._made[name]


def _demand(kept: bool, otherwise: str) -> None:
    if not kept:
        raise BrokenPromiseError(otherwise)


def _plan(attempts: _Attempts) -> str:
    plan = attempts.generator.plan(attempts.request)
    _demand(plan == attempts.generator.plan(attempts.request), "a second call returns another plan")
    unsaid = list(deviations(attempts.request, plan))
    _demand(not unsaid or bool(plan.notes), f"missing in its notes: {'; '.join(unsaid)}")
    size = f"{plan.frames} frames at {plan.fps:g}/s of {plan.width}x{plan.height}"
    return f"{size}; {'; '.join(plan.notes) or 'as requested'}"


def _frames(attempts: _Attempts) -> str:
    planned, found = attempts.generator.plan(attempts.request).frames, attempts.clip().frames
    _demand(found == planned, f"{found} frames, {planned} planned")
    return str(found)


def _size(attempts: _Attempts) -> str:
    plan, shown = attempts.generator.plan(attempts.request), attempts.clip()
    found, planned = f"{shown.width}x{shown.height}", f"{plan.width}x{plan.height}"
    _demand(found == planned, f"{found}, {planned} planned")
    return found


def _rate(attempts: _Attempts) -> str:
    planned, found = attempts.generator.plan(attempts.request).fps, attempts.clip().fps
    _demand(abs(found / planned - 1) < 1e-3, f"{found:g}/s, {planned:g}/s planned")
    return f"{found:g}/s"


def _again(attempts: _Attempts) -> str:
    if not attempts.info.deterministic:
        raise NotPromisedError("declared as not deterministic")
    same = attempts.clip().digest == attempts.clip("again").digest
    _demand(same, "the same request gave other frames")
    return f"identical frames: {attempts.clip().digest[:12]}"


def _seed(attempts: _Attempts) -> str:
    if not attempts.info.seedable:
        raise NotPromisedError("declared as not seedable")
    other = attempts.clip("seed", seed=attempts.request.seed + 1)
    _demand(other.digest != attempts.clip().digest, "another seed gave the same frames")
    return "another seed, another clip"


def _seams(attempts: _Attempts) -> str:
    seams, seconds = attempts.clip().seams, attempts.clip().seconds
    if seams is None:
        raise NotPromisedError("it reports no seams")
    inside = all(0 < seam < seconds for seam in seams) and list(seams) == sorted(set(seams))
    _demand(inside, f"seams at {seams} in a clip of {seconds:g} s")
    every = attempts.info.chunk_seconds
    missing = every is not None and every < 0.9 * seconds and not seams
    _demand(not missing, f"none, though it works in chunks of {every} s")
    return f"{len(seams)} within the clip"


def _prompts(attempts: _Attempts) -> str:
    prompts, schedule = attempts.request.prompts, attempts.info.schedule
    attempts.clip()
    if schedule == "unknown" or len(prompts) < 2:
        raise NotPromisedError("a schedule is accepted; its effect is undeclared")
    if not attempts.info.deterministic:
        raise NotPromisedError(
            f"a schedule is accepted as '{schedule}'; not deterministic, so not comparable"
        )
    other = attempts.clip("one prompt", prompts=prompts[:1]).digest != attempts.clip().digest
    if schedule in ("native", "per_chunk"):
        _demand(other, f"'{schedule}', but the second prompt changed nothing")
        return f"'{schedule}': the second prompt changed the clip"
    _demand(not other, f"'{schedule}', but the second prompt changed the clip")
    notes = attempts.generator.plan(attempts.request).notes
    _demand(bool(notes), f"'{schedule}', but the plan has no note")
    return f"'{schedule}', and the plan notes it"


def _memory(attempts: _Attempts) -> str:
    if not attempts.info.streams:
        raise NotPromisedError("declared as not streaming")
    longer = replace(attempts.request, seconds=_LONGER * attempts.request.seconds)
    plan = attempts.generator.plan(longer)
    peaks = peak_memory_by_quarter(attempts.generator.frames(longer), plan.frames)
    # From the second quarter to the last, so that one-time loading does not count.
    between = plan.frames // 2 * plan.width * plan.height * 3
    seen = " ".join(f"{peak / 1e6:.2f}" for peak in peaks)
    seen = f"{seen} MB in the quarters of {longer.seconds:g} s (Python and numpy)"
    _demand(peaks[3] - peaks[1] < between / 2 + _SLACK_BYTES, f"{seen}: frames are accumulated")
    return seen


def _refusal(attempts: _Attempts) -> str:
    odd = {
        "no prompts": {"prompts": ()},
        "an odd size": {"width": 35, "height": 17},
        "one frame": {"seconds": 1 / attempts.request.fps},
    }
    seen = []
    for name, changes in odd.items():
        asked = replace(attempts.request, **changes)  # type: ignore[arg-type]
        path = attempts.folder / f"{name.replace(' ', '-')}.mp4"
        try:
            shown = inspect_clip(attempts.generator, asked, path)
        except LvbenchError as error:
            _demand(not path.exists(), f"{name}: refused, but a file is left")
            seen.append(f"{name}: refused ({error.code})")
        else:
            planned = attempts.generator.plan(asked)
            same = (shown.frames, shown.width) == (planned.frames, planned.width)
            _demand(same, f"{name}: generated, but not as planned")
            seen.append(f"{name}: generated as planned")
    left = [path.name for path in attempts.folder.glob(".*")]
    _demand(not left, f"left behind: {', '.join(left)}")
    return "; ".join(seen)


def _early(attempts: _Attempts) -> str:
    frames = attempts.generator.frames(attempts.request)
    with closing(frames):  # type: ignore[type-var]
        _demand(len(next(frames)) > 0, "its first chunk is empty")
    return "closed after the first chunk"


def _audio(attempts: _Attempts) -> str:
    heard, seconds = attempts.clip().audio_seconds, attempts.clip().seconds
    if heard is None:
        raise NotPromisedError("it generates no audio")
    _demand(abs(heard - seconds) < 0.1, f"{heard:.2f} s of audio for {seconds:.2f} s of video")
    return f"{heard:.2f} s"


def _cost(attempts: _Attempts) -> str:
    cost, seconds = attempts.clip().cost, attempts.clip().seconds
    if "seconds" not in cost:
        raise NotPromisedError("no cost reported")
    made, took = float(cost.get("generated_seconds", 0)), float(cost["seconds"])
    _demand(
        abs(made - seconds) < 0.1, f"{made:g} s reported as generated; the clip has {seconds:g}"
    )
    return f"{took:.2f} s for {seconds:g} s"


_PROMISES: dict[str, Callable[[_Attempts], str]] = {
    "plan": _plan,
    "number of frames": _frames,
    "size": _size,
    "frame rate": _rate,
    "determinism by seed": _again,
    "another seed differs": _seed,
    "seams within the clip": _seams,
    "prompt schedule": _prompts,
    "audio": _audio,
    "cost measured": _cost,
    "memory bounded over length": _memory,
    "early stop": _early,
    "clean failure": _refusal,
}
