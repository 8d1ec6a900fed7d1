"""What will really be made, where a generator cannot make just what is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lvbench.errors import GeneratorError
from lvbench.generators.contract.types import ClipPlan, GeneratorInfo, Request


@dataclass(frozen=True, slots=True)
class Limits:
    """What lengths and sizes a generator can make.

    Attributes:
        frames_multiple: A clip has a multiple of so many frames ...
        frames_plus: ... and so many more.
        most_frames: The longest clip; None if it has no end.
        size_multiple: Width and height are multiples of it.
    """

    frames_multiple: int = 1
    frames_plus: int = 0
    most_frames: int | None = None
    size_multiple: int = 1


_ANY = Limits()


def nearest_plan(info: GeneratorInfo, request: Request, limits: Limits = _ANY) -> ClipPlan:
    """Return the plan nearest to a request, with a note on every departure from it.

    Raises:
        GeneratorError: The clip is longer than the generator can make (`clip_too_long`): a
            shorter one would stand among long ones unseen.
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
            found=f"{wanted} frames are asked for, it makes {most} at most ({most / fps:.1f} s)",
            where=info.name,
            fix="choose a protocol with shorter clips, or a generator that continues its clips",
            code="clip_too_long",
        )
    plan = ClipPlan(max(1, frames if most is None else min(frames, most)), fps, width, height)
    notes = (*deviations(request, plan), *unused_inputs(info, request))
    return ClipPlan(plan.frames, fps, width, height, notes=notes)


def fitting(value: int, multiple: int, plus: int = 0) -> int:
    """Return the number nearest to `value` that is a multiple and `plus`; the larger of two."""
    steps = (2 * (value - plus) + multiple) // (2 * multiple)
    least = 0 if plus else 1
    return max(steps, least) * multiple + plus


def deviations(request: Request, plan: ClipPlan) -> Iterator[str]:
    """Yield where length, rate and size of a plan depart from the request."""
    if plan.fps != request.fps:
        yield f"{plan.fps:g} frames per second instead of {request.fps:g}: its own rate"
    wanted = round(request.seconds * plan.fps)
    if plan.frames != wanted:
        yield f"{plan.frames} frames instead of {wanted}: the nearest number that it makes"
    if (plan.width, plan.height) != (request.width, request.height):
        made, asked = f"{plan.width}x{plan.height}", f"{request.width}x{request.height}"
        yield f"{made} pixels instead of {asked}: the nearest size that it makes"


def unused_inputs(info: GeneratorInfo, request: Request) -> Iterator[str]:
    """Yield which parts of a request a generator does not read."""
    later = len(request.prompts) - 1
    if request.prompts and info.schedule == "none":
        yield "it reads no prompt"
    elif later > 0 and info.schedule == "first_only":
        yield f"it reads the first prompt alone, and not the {later} after it"
    elif later > 0 and info.schedule == "per_chunk" and info.chunk_seconds is not None:
        yield f"a prompt takes effect with the next chunk, up to {info.chunk_seconds:g} s late"
    for name in ("image", "audio"):
        if getattr(request, name) is not None and name not in info.conditions_on:
            yield f"it takes no {name}"


def even_seams(every: float, seconds: float) -> tuple[float, ...]:
    """Return the boundaries of chunks of one length within a clip, in seconds."""
    count = int(seconds / every + 1e-9)
    times = (number * every for number in range(1, count + 1))
    return tuple(time for time in times if time < seconds - 1e-9)
