"""Generator adapter for diffusers pipelines, selected by class name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import ConfigError, GeneratorError
from lvbench.generators.contract.base import ClipPlan, Generator, Request
from lvbench.generators.contract.config import read_config
from lvbench.generators.contract.pixels import SLICE_FRAMES
from lvbench.generators.contract.plan import Limits, nearest_plan
from lvbench.generators.contract.types import Schedule
from lvbench.generators.diffusers.config import DiffusionConfig
from lvbench.generators.diffusers.pipe import Pipe

_AGAIN = ("image", "video")


class Diffusion(Generator):
    """Call a diffusers pipeline: `diffusers:FILE.yaml`.

    The file sets `class` (WanPipeline, LTXConditionPipeline, ...), `model` (a folder, or a name on
    the Hub), `dtype`, `device`, `call` (arguments passed unchanged, as in num_inference_steps) and
    `map` (further arguments filled from the request); `fps`, `limits` and `continues` override the
    known facts of the class. A pipeline that starts from a picture or frames generates long clips
    window by window, each with the prompt at its first frame; `first` is another pipeline for the
    first window. Unknown arguments are an error.

    Args:
        argument: Path of the configuration file.

    Raises:
        ConfigError: The configuration is not valid.
    """

    def __init__(self, argument: str) -> None:
        self._config = read_config(argument, DiffusionConfig)
        self._facts = self._config.facts()
        self._where = argument
        self._pipe = Pipe(self._config, self._config, argument)
        first = self._config.first
        self._first = self._pipe if first is None else Pipe(first, self._config, argument)
        self._again = self._facts.continues in _AGAIN
        info = self._config.info(f"diffusers:{self._config.class_}", streams=self._again)
        self.info = replace(
            info,
            fps=self._facts.fps,
            chunk_seconds=self._chunk_seconds(),
            schedule=self._schedule(),
            conditions_on=self._conditions(),
        )

    def plan(self, request: Request) -> ClipPlan:
        """Return the plan; this imports diffusers but reads no weights.

        Raises:
            ConfigError: The pipeline cannot be called with this configuration.
            GeneratorError: A required picture is not given, or the clip is too long.
        """
        self._check(request)
        limits = self._facts.limits
        if self._again:
            # Surplus frames of a window are dropped.
            limits = Limits(size_multiple=limits.size_multiple)
        elif self._facts.continues == "itself":
            limits = replace(limits, most_frames=None)
        plan = nearest_plan(self.info, request, limits)
        parts = self._windows(plan)
        seams = tuple(part.first / plan.fps for part in parts[1:])
        return replace(plan, seams=seams, notes=(*plan.notes, *self._said(request, parts)))

    def frames(self, request: Request) -> Iterator[NDArray[np.uint8]]:
        """Yield the clip window by window, or in slices if it is generated in one call."""
        plan = self.plan(request)
        tail: NDArray[np.uint8] | None = None
        if not self._again:
            whole = Window(0, plan.frames, self._asked(plan), 0)
            made = self._first(self._values(request, plan, whole), self._long(plan))
            made = made[: plan.frames] if self._facts.spare else made
            for start in range(0, len(made), SLICE_FRAMES):
                yield made[start : start + SLICE_FRAMES]
            return
        for number, part in enumerate(self._windows(plan)):
            values = self._values(request, plan, part, number, tail)
            made = (self._pipe if number else self._first)(values, {})
            new = made[part.shared : part.shared + part.count]
            tail = made[: part.shared + part.count][-self._facts.overlap :]
            yield new

    def _check(self, request: Request) -> None:
        """Refuse a request that the pipeline cannot serve."""
        self._pipe.check()
        self._first.check()
        if self._facts.fps is None and not self._pipe.takes("fps"):
            raise ConfigError(
                f"call {self._config.class_}",
                found="its frame rate is unknown",
                where=self._where,
                fix="set 'fps' to the frame rate of its training",
                code="generator_config_invalid",
            )
        must = self._facts.image == "must" and self._first is self._pipe
        for value in ("image", "video"):
            given = value == "image" and request.image is not None
            if not given and (self._first.needs(value) or (must and value == "image")):
                raise GeneratorError(
                    f"make the clip '{request.id}'",
                    found=f"{self._config.class_} requires a first {value}, and none is given",
                    where=self.info.name,
                    fix="set 'first' to another pipeline for the first window, or add an 'image' "
                    "to the prompts",
                    code=f"{value}_missing",
                )

    def _values(
        self,
        request: Request,
        plan: ClipPlan,
        part: Window,
        number: int = 0,
        tail: NDArray[np.uint8] | None = None,
    ) -> dict[str, Any]:
        """Return the values for a call; a later window starts from the end of the previous one."""
        from PIL import Image

        pictures = None if tail is None else [Image.fromarray(frame) for frame in tail]
        by_image = self._facts.continues == "image"
        image = pictures[-1] if pictures and by_image else None
        if pictures is None and request.image is not None:
            image = Image.open(request.image).convert("RGB")
        return {
            "prompt": _prompt_at(request, part.first / plan.fps),
            "frames": part.made,
            "fps": int(plan.fps) if plan.fps == int(plan.fps) else plan.fps,
            "width": plan.width,
            "height": plan.height,
            "seed": _seed(request.seed, number),
            "image": image,
            "video": None if by_image else pictures,
        }

    def _long(self, plan: ClipPlan) -> dict[str, Any]:
        """Return the window arguments for a long clip of a self-extending pipeline."""
        own, limits = self._facts.own, self._facts.limits
        if own is None or limits.most_frames is None or plan.frames <= limits.most_frames:
            return {}
        return dict(zip(own, (limits.most_frames, self._facts.overlap), strict=True))

    def _asked(self, plan: ClipPlan) -> int:
        """Return how many frames to request from a pipeline whose windows return spare frames."""
        facts, most = self._facts, self._facts.limits.most_frames
        if not facts.spare or most is None:
            return plan.frames
        step = most - facts.overlap
        return max(1, -(-(plan.frames - facts.overlap) // step)) * (step - facts.spare)

    def _schedule(self) -> Schedule:
        if "schedule" in self._config.model_fields_set:
            return self._config.schedule
        return "per_chunk" if self._again else "first_only"

    def _conditions(self) -> tuple[str, ...]:
        if "conditions_on" in self._config.model_fields_set:
            return self._config.conditions_on
        return ("text",) if self._facts.image == "no" else ("text", "image")

    def _windows(self, plan: ClipPlan) -> list[Window]:
        facts = self._facts
        return (
            [Window(0, plan.frames, plan.frames, 0)]
            if facts.continues == "none"
            else list(windows(plan.frames, facts.limits, facts.overlap))
        )

    def _chunk_seconds(self) -> float | None:
        facts = self._facts
        most = facts.limits.most_frames
        if facts.continues == "none" or most is None or facts.fps is None:
            return None
        return (most - facts.overlap) / facts.fps

    def _said(self, request: Request, parts: list[Window]) -> Iterator[str]:
        """Yield a note on how the clip is joined from windows."""
        if len(parts) < 2:
            return
        if self._again and len(request.prompts) > 1 and self.info.chunk_seconds is None:
            yield "a prompt takes effect at the next window"
        what = {
            "image": "each starting from the last picture of the one before",
            "video": f"each starting from the last {self._facts.overlap} frames of the one before",
            "itself": f"in one call, with an overlap of {self._facts.overlap} frames",
        }[self._facts.continues]
        most = self._facts.limits.most_frames
        yield f"generated in {len(parts)} windows of up to {most} frames, {what}"


def _prompt_at(request: Request, seconds: float) -> str:
    """Return the prompt at a time."""
    current = [prompt.text for prompt in request.prompts if prompt.start <= seconds + 1e-9]
    texts = current or [prompt.text for prompt in request.prompts[:1]]
    return texts[-1] if texts else ""


def _seed(seed: int, number: int) -> int:
    """Return the seed of a window; the first window has the request's seed."""
    if number == 0:
        return seed
    return int(np.random.SeedSequence([seed % 2**32, number]).generate_state(1)[0])


@dataclass(frozen=True, slots=True)
class Window:
    """One call of a pipeline.

    Attributes:
        first: Index of the first new frame.
        count: Number of new frames kept.
        made: Number of frames requested from the pipeline.
        shared: How many of these overlap with the window before.
    """

    first: int
    count: int
    made: int
    shared: int


def windows(frames: int, limits: Limits, overlap: int) -> Iterator[Window]:
    """Yield the windows of a clip.

    Args:
        frames: Number of frames of the clip.
        limits: Limits of one window.
        overlap: Frames that a window shares with the one before.

    Raises:
        ValueError: The windows are not longer than the overlap.
    """
    most = limits.most_frames or raised(frames, limits)
    if most <= overlap < frames:
        raise ValueError(f"windows of {most} frames that share {overlap}")
    first = 0
    while first < frames:
        shared = overlap if first else 0
        made = min(most, raised(frames - first + shared, limits))
        count = min(made - shared, frames - first)
        yield Window(first, count, made, shared)
        first += count


def raised(value: int, limits: Limits) -> int:
    """Return the smallest supported number of frames that is at least `value`."""
    steps = -(-(value - limits.frames_plus) // limits.frames_multiple)
    return max(0, steps) * limits.frames_multiple + limits.frames_plus
