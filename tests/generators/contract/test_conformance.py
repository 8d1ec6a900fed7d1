"""Each broken promise is found, by the check that is for it and by no other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.generators.contract.base import Clip, ClipPlan, Generator, GeneratorInfo, Request
from lvbench.generators.contract.conformance import check
from lvbench.generators.contract.types import Schedule
from lvbench.video.audio.encode import mono
from lvbench.video.audio.samples import AudioBlock

INFO = GeneratorInfo("good", "1", "none", schedule="native", chunk_seconds=0.5)


class Good(Generator):
    """Show noise that depends on all that is asked, in chunks of half a second, with sound."""

    info = INFO

    def frames(self, request: Request) -> Iterator[NDArray[np.uint8]]:
        plan = self.plan(request)
        key = [request.seed, *"".join(prompt.text for prompt in request.prompts).encode()]
        rng, left = np.random.default_rng(key), plan.frames
        while left:
            length = min(left, max(1, round(plan.fps / 2)))
            yield rng.integers(0, 256, (length, plan.height, plan.width, 3), np.uint8)
            left -= length

    def audio(self, request: Request) -> Iterable[AudioBlock]:
        return mono([np.zeros(round(16000 * self.plan(request).seconds), np.float32)], 16000)


def findings(generator: Generator) -> dict[str, str]:
    return {finding.promise: finding.status for finding in check(generator)}


def broken(generator: Generator) -> set[str]:
    return {promise for promise, status in findings(generator).items() if status == "fail"}


def test_a_good_generator_keeps_all() -> None:
    assert set(findings(Good()).values()) == {"pass"}


class Unsteady(Good):
    def frames(self, request: Request) -> Iterator[NDArray[np.uint8]]:
        for chunk in super().frames(request):
            yield chunk ^ np.random.default_rng().integers(0, 2, chunk.shape, np.uint8)


class SeedBlind(Good):
    def frames(self, request: Request) -> Iterator[NDArray[np.uint8]]:
        return super().frames(replace(request, seed=0))


class PromptBlind(Good):
    def frames(self, request: Request) -> Iterator[NDArray[np.uint8]]:
        return super().frames(replace(request, prompts=request.prompts[:1]))


class Hoarder(Good):
    def frames(self, request: Request) -> Iterator[NDArray[np.uint8]]:
        yield from list(super().frames(request))


class Hidden(Good):
    """Keep all frames while they are yielded."""

    def frames(self, request: Request) -> Iterator[NDArray[np.uint8]]:
        kept = []
        for chunk in super().frames(request):
            kept.append(chunk.copy())
            yield chunk


class Vague(Good):
    def plan(self, request: Request) -> ClipPlan:
        return replace(super().plan(request), width=48, notes=())


class Mute(Good):
    def audio(self, request: Request) -> Iterable[AudioBlock]:
        return mono([np.zeros(999, np.float32)], 16000)


class BadSeams(Good):
    def plan(self, request: Request) -> ClipPlan:
        return replace(super().plan(request), seams=(9.0,))


class Litter(Good):
    def make(self, request: Request, path: Path) -> Clip:
        if not request.prompts:
            path.touch()
            raise ValueError("no prompts")
        return super().make(request, path)


class NotClosable(Good):
    def frames(self, request: Request) -> Iterator[NDArray[np.uint8]]:
        try:
            yield from super().frames(request)
        except GeneratorExit:
            raise RuntimeError("left early") from None


@pytest.mark.parametrize(
    ("generator", "promises"),
    [
        (Unsteady(), {"determinism by seed"}),
        (SeedBlind(), {"another seed differs"}),
        (PromptBlind(), {"prompt schedule"}),
        (Hidden(), {"memory bounded over length"}),
        (Vague(), {"plan"}),
        (Mute(), {"audio"}),
        (BadSeams(), {"seams within the clip"}),
        (Litter(), {"clean failure"}),
        (NotClosable(), {"early stop"}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_broken_promise_is_found(generator: Generator, promises: set[str]) -> None:
    assert broken(generator) == promises


def test_frames_made_beforehand_and_held_are_not_streamed() -> None:
    # All quarters hold the whole clip: what grows is seen only from clip to clip.
    assert broken(Hoarder()) <= {"memory bounded over length"}


def test_a_generator_that_does_nothing_fails_and_does_not_stop_the_check() -> None:
    class Idle(Good):
        def frames(self, request: Request) -> Iterator[NDArray[np.uint8]]:
            raise RuntimeError("CUDA error")

    found = list(check(Idle()))
    assert len(found) == len(findings(Good()))
    failed = {finding.promise: finding.detail for finding in found if finding.status == "fail"}
    assert "RuntimeError: CUDA error" in failed["number of frames"]
    assert "plan" not in failed


@pytest.mark.parametrize(
    ("schedule", "generator", "fails"),
    [
        ("first_only", PromptBlind(), False),
        ("first_only", Good(), True),
        ("per_chunk", Good(), False),
        ("native", Good(), False),
    ],
)
def test_what_is_said_of_a_schedule_is_tried(
    schedule: Schedule, generator: Generator, fails: bool
) -> None:
    generator.info = replace(INFO, schedule=schedule)
    assert broken(generator) == ({"prompt schedule"} if fails else set())
    generator.info = INFO


def test_what_was_never_promised_is_not_applicable() -> None:
    class Modest(Unsteady):
        info = replace(
            *(INFO,), schedule="unknown", seedable=False, deterministic=False, streams=False
        )

    statuses = findings(Modest())
    assert {promise for promise, status in statuses.items() if status == "not applicable"} == {
        *("determinism by seed", "another seed differs"),
        *("prompt schedule", "memory bounded over length"),
    }
    assert "fail" not in statuses.values()
