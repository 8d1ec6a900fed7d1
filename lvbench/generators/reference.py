"""The reference model as a generator."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import UsageError
from lvbench.generators.baselines.oracle import EXAMPLE
from lvbench.generators.contract.base import ClipPlan, GeneratorInfo, Request
from lvbench.generators.contract.plan import nearest_plan
from lvbench.generators.production.batched import BatchedGenerator
from lvbench.reference.config import PRESETS
from lvbench.reference.sampling.switches import SAMPLING, switches
from lvbench.reference.weights import require_torch, weights_of
from lvbench.video.manifest.entry import Prompt
from lvbench.world import grammar

if TYPE_CHECKING:
    from lvbench.reference.network.loop_net import LoopNet
    from lvbench.reference.sampling.generate import SampleRequest


class ReferenceModel(BatchedGenerator):
    """Sample the reference long-clip diffusion model, on the world's prompts.

    `reference:PRESET` or `reference:PRESET,switch=value,...`: a preset of sampling (`default`, or
    one that is bad on purpose) with the weights `tiny`, or a size (`nano`, `tiny`, `base`), or a
    weights file; 'lvbench reference info' lists the switches.
    """

    def __init__(self, argument: str = "default") -> None:
        name, self._switches = switches(argument)
        if name not in SAMPLING and name not in PRESETS and not name.endswith(".safetensors"):
            raise UsageError(
                "sample the reference model",
                found=f"no preset '{name}'",
                where=f"reference:{argument}",
                fix=f"sampling: {', '.join(SAMPLING)}; weights: {', '.join(PRESETS)} or a file",
            )
        found = weights_of("tiny" if name in SAMPLING else name)
        self._path = found.path
        self._made = (found.network.size, found.network.size), found.network.fps
        set_switches = self._switches.text()
        self.info = GeneratorInfo(
            f"reference:{name}",
            f"weights {found.sha256[:12]}" + (f", {set_switches}" if set_switches else ""),
            "Apache-2.0",
            fps=self._made[1],
            size=self._made[0],
            schedule="native",
        )
        self._network: LoopNet | None = None

    def plan(self, request: Request) -> ClipPlan:
        """Return the plan.

        Raises:
            ConfigError: A prompt is not of the world's grammar (`not_world_text`).
        """
        _shots(request)
        plan = nearest_plan(self.info, request)
        every = self._switches.chunk if self._switches.sampler == "chunk" else plan.frames
        seams = tuple(frame / plan.fps for frame in range(every, plan.frames, every))
        return replace(plan, seams=seams)

    def batch_frames(self, requests: Sequence[Request]) -> Iterator[NDArray[np.uint8]]:
        """Yield chunks of several clips of one length, `uint8 (clips, T, size, size, 3)`."""
        from lvbench.reference.sampling.generate import generate

        plan = self.plan(requests[0])
        wanted = [_wanted(request) for request in requests]
        yield from generate(self._loaded(), wanted, plan.seconds, self._switches)

    def example(self) -> Request:
        """Return a small request with two shots."""
        size, fps = self._made
        prompts = tuple(Prompt(start=float(at), text=text) for at, text in enumerate(EXAMPLE))
        return Request("example", prompts, 2.0, fps, *size, 1, cuts=(1.0,))

    def _loaded(self) -> LoopNet:
        if self._network is None:
            require_torch()
            from lvbench.reference.checkpoint import load_network

            self._network, _ = load_network(self._path)
        return self._network


def _shots(request: Request) -> tuple[grammar.Shot, ...]:
    return grammar.schedule([(prompt.start, prompt.text) for prompt in request.prompts])


def _wanted(request: Request) -> SampleRequest:
    from lvbench.reference.sampling.generate import SampleRequest

    return SampleRequest(_shots(request), request.seed, request.id)
