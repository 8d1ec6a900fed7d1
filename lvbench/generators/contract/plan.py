"""Plan the clip nearest to a request within a generator's limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lvbench.errors import GeneratorError
from lvbench.generators.contract.types import ClipPlan, GeneratorInfo, Request


@dataclass(frozen=True, slots=True)
class Limits:
    """Lengths and sizes that a generator supports.

    Attributes:
        frames_multiple: The number of frames is a multiple of this ...
        frames_plus: ... plus this.
        most_frames: Frames of the longest clip; None if unlimited.
        size_multiple: Width and height are multiples of this.
    """

    frames_multiple: int = 1
    frames_plus: int = 0
    most_frames: int | None = None
    size_multiple: int = 1


_ANY = Limits()


def nearest_plan(info: GeneratorInfo, request: Request, limits: Limits = _ANY) -> ClipPlan:
    """Return the plan nearest to a request, with a note on every deviation.

    Raises:
        GeneratorError: The clip is longer than the generator supports (`clip_too_long`); it is
            refused rather than shortened.
    """
    fps = info.fps or request.fps
    width, height = info.size or (request.width, request.height)
    width, height = (fitting(side, limits.size_multiple) for side in (width, height))
    wanted = round(request.seconds * fps)
    frames = fitting(wanted, limits.frames_multiple, limits.frames_plus)
    most = limits.most_frames
    if most is not None and wanted > most:
        raise GeneratorError(
            f"make the clip '{request.id}'",
            found=f"{wanted} frames requested, at most {most} supported ({most / fps:.1f} s)",
            where=info.name,
            fix="choose a protocol with shorter clips, or a generator that continues its clips",
            code="clip_too_long",
        )
    plan = ClipPlan(max(1, frames if most is None else min(frames, most)), fps, width, height)
    notes = (*deviations(request, plan), *unused_inputs(info, request))
    return ClipPlan(plan.frames, fps, width, height, notes=notes)


def fitting(value: int, multiple: int, plus: int = 0) -> int:
    """Return the number nearest to `value` that is a multiple plus `plus`; of two, the larger."""
    steps = (2 * (value - plus) + multiple) // (2 * multiple)
    least = 0 if plus else 1
    return max(steps, least) * multiple + plus


def deviations(request: Request, plan: ClipPlan) -> Iterator[str]:
    """Yield deviations of a plan from the request in rate, length and size."""
    if plan.fps != request.fps:
        yield f"{plan.fps:g} frames per second instead of {request.fps:g}: the generator's rate"
    wanted = round(request.seconds * plan.fps)
    if plan.frames != wanted:
        yield f"{plan.frames} frames instead of {wanted}: the nearest supported number"
    if (plan.width, plan.height) != (request.width, request.height):
        made, asked = f"{plan.width}x{plan.height}", f"{request.width}x{request.height}"
        yield f"{made} pixels instead of {asked}: the nearest supported size"


def unused_inputs(info: GeneratorInfo, request: Request) -> Iterator[str]:
    """Yield the parts of a request that a generator ignores."""
    later = len(request.prompts) - 1
    if request.prompts and info.schedule == "none":
        yield "prompts are ignored"
    elif later > 0 and info.schedule == "first_only":
        yield f"only the first prompt is read; {later} later ignored"
    elif later > 0 and info.schedule == "per_chunk" and info.chunk_seconds is not None:
        yield f"a prompt takes effect with the next chunk, up to {info.chunk_seconds:g} s late"
    for name in ("image", "audio"):
        if getattr(request, name) is not None and name not in info.conditions_on:
            yield f"the {name} input is ignored"


def even_seams(every: float, seconds: float) -> tuple[float, ...]:
    """Return the boundaries of chunks of one length within a clip, in seconds."""
    count = int(seconds / every + 1e-9)
    times = (number * every for number in range(1, count + 1))
    return tuple(time for time in times if time < seconds - 1e-9)
