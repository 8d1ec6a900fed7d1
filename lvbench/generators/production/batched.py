"""Generators that sample several clips at once, in batches fixed by the requests."""

from __future__ import annotations

import os
import tempfile
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import GeneratorError, LvbenchError, StorageError
from lvbench.generators.contract.base import Generator, failure
from lvbench.generators.contract.frame_check import FrameCheck
from lvbench.generators.contract.measure import Meter
from lvbench.generators.contract.types import Clip, ClipPlan, Request
from lvbench.video.encode import write_video

_CHUNK = 64  # frames read back at a time


class BatchedGenerator(Generator):
    """Generate clips in batches; subclasses implement `batch_frames`.

    Attributes:
        batch_size: Clips per batch.
    """

    batch_size: int = 4

    @abstractmethod
    def batch_frames(self, requests: Sequence[Request]) -> Iterator[NDArray[np.uint8]]:
        """Yield chunks of several clips of equal plans, `uint8 (clips, T, height, width, 3)`."""

    def frames(self, request: Request) -> Iterator[NDArray[np.uint8]]:
        """Yield one clip in chunks."""
        for chunk in self.batch_frames([request]):
            yield chunk[0]

    def batches(self, requests: Sequence[Request]) -> list[list[Request]]:
        """Return the requests in batches of one length, in order, by the requests alone.

        A request that is refused forms its own batch.
        """
        refused = [request for request in requests if not self._served(request)]
        found = [[request] for request in refused]
        served = [request for request in requests if request not in refused]
        for _, same in groupby(served, lambda request: (request.seconds, request.fps)):
            group = list(same)
            found += [group[i : i + self.batch_size] for i in range(0, len(group), self.batch_size)]
        return found

    def make_batch(self, requests: Sequence[Request], paths: Mapping[str, Path]) -> dict[str, Clip]:
        """Generate a complete batch and write the clips named in `paths`, by id.

        A clip's cost is its share of the batch's seconds and energy, and the batch's memory.

        Raises:
            GeneratorError: The planned clips were not generated.
            StorageError: A clip cannot be written.
        """
        with tempfile.TemporaryDirectory() as scratch:
            spools = {name: Path(scratch) / name for name in paths}
            try:
                plans = [self.plan(request) for request in requests]
                with Meter(os.getpid()) as meter:
                    checks = self._spooled(requests, plans, spools)
                    for request, plan in zip(requests, plans, strict=True):
                        if request.id in paths:
                            frames = _read(spools[request.id], plan)
                            write_video(paths[request.id], frames, plan.fps, lossless=True)
            except (StorageError, GeneratorError):
                raise
            # A model may fail in any way; the other batches are still generated.
            except Exception as error:
                raise failure(error, self.info, requests[0]) from error
        cost = meter.cost(sum(plan.seconds for plan in plans))
        clips = {}
        for request, plan, check in zip(requests, plans, checks, strict=True):
            if request.id in paths:
                own = _share(cost, plan.seconds / sum(p.seconds for p in plans), len(plans))
                clips[request.id] = Clip(paths[request.id], check.seams, own)
        return clips

    def _served(self, request: Request) -> bool:
        try:
            self.plan(request)
        except LvbenchError:
            return False
        return True

    def _spooled(
        self, requests: Sequence[Request], plans: Sequence[ClipPlan], spools: Mapping[str, Path]
    ) -> list[FrameCheck]:
        """Write raw frames as they arrive, so that memory is bounded by one chunk."""
        pairs = list(zip(requests, plans, strict=True))
        checks = [FrameCheck(self.info, plan, request.id) for request, plan in pairs]
        for chunk in self.batch_frames(requests):
            for request, check, part in zip(requests, checks, chunk, strict=True):
                check.add(part)
                if request.id in spools:
                    with spools[request.id].open("ab") as spool:
                        spool.write(np.ascontiguousarray(part).tobytes())
        for check in checks:
            check.finish()
        return checks


def _read(spool: Path, plan: ClipPlan) -> Iterator[NDArray[np.uint8]]:
    shape = (plan.frames, plan.height, plan.width, 3)
    frames = np.memmap(spool, np.uint8, "r", shape=shape)
    for first in range(0, plan.frames, _CHUNK):
        yield np.asarray(frames[first : first + _CHUNK])


def _share(cost: Mapping[str, float | str], share: float, clips: int) -> dict[str, float | str]:
    divided = ("seconds", "generated_seconds", "energy_joules")
    own = {
        name: value * share if name in divided and isinstance(value, float) else value
        for name, value in cost.items()
    }
    return own | {"clips_at_once": float(clips)}
