"""`vbench_flow`: the largest flows of frames thinned to about 8 per second, as in VBench."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Arrays, ExtractorSpec, Features
from lvbench.features.flow.raft import RaftExtractor
from lvbench.features.flow.raft_network import flows
from lvbench.video.frames import Frames, Products, concatenate


class VbenchFlow(RaftExtractor):
    """Run RAFT on full-size frames and keep the mean of each pair's largest flows.

    Every `max(1, round(fps / 8))`-th frame is taken, from the first on, by count and not by time;
    without a declared rate every frame, as VBench does with a folder of pictures. Flow is read
    over the padded picture, as there.

    Arrays for the `n` pairs of consecutive frames taken in a block (a block may make none):
        top: float64 `(n,)`, pixels: the mean of the 5 % of pixels with the longest flow.
        shorter_side: int64 `(n,)`, pixels, before padding.

    Args:
        iterations: Updates of RAFT's recurrent unit.

    Source: Vchitect/VBench, vbench/dynamic_degree.py (45e79ec).
    """

    weights = ("raft_large",)
    constructor = "raft_large"

    def __init__(self, iterations: int = 20) -> None:
        self.spec = ExtractorSpec(
            name="vbench_flow",
            version=1,
            products=Products(rgb=True),
            preprocessing="rgb-full-raft-vbench",
            batch=4,
            parameters={"iterations": iterations},
            coded=True,
        )
        self._iterations = iterations

    def pixels(self, frames: Frames) -> NDArray[np.uint8]:
        """Return the frames unchanged, uint8 `(n, h, w, 3)`."""
        assert frames.rgb is not None
        return frames.rgb

    def start(self, fps: float | None, prompts: Sequence[str] = ()) -> Callable[[Frames], Features]:
        """Return the function that thins the frames of one video by count."""
        interval = 1 if fps is None else max(1, round(fps / 8))
        last: list[Frames] = []
        seen = 0

        def extract(frames: Frames) -> Features:
            nonlocal seen
            taken = frames.take(np.arange(-seen % interval, len(frames), interval))
            seen += len(frames)
            joined = concatenate([*last, taken])
            last[:] = [joined.take(slice(-1, None))] if len(joined) else []
            return Features(joined.pts[1:], self(joined))

        return extract

    def __call__(self, frames: Frames) -> Arrays:
        """Return the arrays of the pairs of consecutive `frames`."""
        prepared = self.pixels(frames) if frames.prepared is None else frames.prepared
        return self.encode(prepared)

    def encode(self, batch: NDArray[Any]) -> Arrays:
        """Return the arrays of consecutive frames, uint8 `(n + 1, h, w, 3)`, pair by pair."""
        top = [self._top(first, second) for first, second in pairwise(batch)]
        side = min(batch.shape[1:3])
        return {"top": np.asarray(top, np.float64), "shorter_side": np.full(len(top), side)}

    def _top(self, first: NDArray[Any], second: NDArray[Any]) -> float:
        import torch

        network = self.network
        with torch.inference_mode():
            pair = torch.from_numpy(np.stack([first, second])).to(self.device)
            pixels = pair.permute(0, 3, 1, 2).float()
            flow = flows(network, pixels, [(0, 1)], self._iterations, cut=False)[0].cpu().numpy()
        length = np.sort(np.hypot(flow[0], flow[1]), axis=None)
        return float(length[-int(length.size * 0.05) :].mean(dtype=np.float64))
