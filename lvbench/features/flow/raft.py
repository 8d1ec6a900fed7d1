"""`raft_small`, `raft_large`: dense optical flow by RAFT, both ways, with the original weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import ConfigError
from lvbench.features.base import Arrays, ExtractorSpec, Features, Windows
from lvbench.features.flow.dis import SMALLEST_SIDE, reduced_for_flow
from lvbench.features.flow.raft_network import flows, torchvision_names
from lvbench.features.flow.warp import consistent
from lvbench.features.network import TorchExtractor
from lvbench.features.torchvision_shim import import_torchvision
from lvbench.video.frames import Frames, Products, concatenate
from lvbench.weights.checkpoint import load_into, read_tensors

_BATCH = 4


class RaftExtractor(TorchExtractor):
    """Load RAFT's original checkpoints into torchvision's module.

    Attributes:
        constructor: Name of the function of torchvision that builds the module.
    """

    modules = ("torch", "torchvision")
    constructor: ClassVar[str]

    def architecture(self) -> Any:
        """Return torchvision's module with random weights."""
        import_torchvision()
        from torchvision.models import optical_flow

        return getattr(optical_flow, self.constructor)(weights=None, progress=False)

    def load(self, files: dict[str, Path], device: str) -> Any:
        """Return the network with the tensors of the original checkpoint."""
        network = self.architecture()
        (path,) = files.values()
        load_into(network, torchvision_names(read_tensors(path)), path)
        return network.eval().requires_grad_(False).to(device)


class Raft(RaftExtractor):
    """Compute forward and backward flow of frame pairs on the reduced RGB picture.

    The picture is reduced to `long_side` by area averaging, never enlarged. No pair is started
    from another's flow. A block has consecutive frames; in bursts, those of one burst,
    so that its last pair and the next block's first are not continuous (as their times show).

    Arrays for `n` pairs, as of the extractor `dis`: `gray` (`n + 1`, the luma of the reduced
    picture), `forward`, `backward`, `consistent`, `consistent_backward`, `dt`.

    Args:
        long_side: Longest side in pixels at which flow is computed; 0 for the full resolution.
        iterations: Updates of the recurrent unit (12 in training, 20 in VBench, 32 on Sintel).
        burst_pairs: Consecutive pairs that are taken at a time; 0 for every pair of the video.
        every: Seconds from the start of one burst to that of the next.

    Source: Teed and Deng, ECCV 2020; princeton-vl/RAFT; torchvision's module.

    Raises:
        ConfigError: A parameter is out of its range.
        VideoDecodeError: A side is shorter than 12 pixels after reduction (code `too_small`).
    """

    def __init__(
        self, long_side: int = 256, iterations: int = 12, burst_pairs: int = 0, every: float = 0.5
    ) -> None:
        parameters = {
            "long_side": long_side,
            "iterations": iterations,
            "burst_pairs": burst_pairs,
            "every": every,
        }
        _check(self.constructor, parameters)
        self.spec = ExtractorSpec(
            name=self.constructor,
            version=1,
            products=Products(rgb=True),
            preprocessing=f"rgb-area-{long_side or 'full'}-raft",
            sampling="windows" if burst_pairs else "pairs",
            # The correlation of one pair at full resolution takes gigabytes.
            batch=1 if burst_pairs or not long_side else _BATCH,
            parameters=parameters,
            windows=Windows(burst_pairs + 1, every=every) if burst_pairs else None,
        )
        self._long_side, self._iterations = long_side, iterations

    def pixels(self, frames: Frames) -> NDArray[np.uint8]:
        """Return the frames reduced, uint8 `(n, h, w, 3)`."""
        assert frames.rgb is not None
        return reduced_for_flow(frames.rgb, self._long_side, self.spec.name)

    def encode(self, batch: NDArray[np.uint8]) -> Arrays:
        """Return the flows of consecutive frames, uint8 `(n + 1, h, w, 3)`."""
        import torch

        network = self.network
        count = len(batch) - 1
        pairs = [(i, i + 1) for i in range(count)] + [(i + 1, i) for i in range(count)]
        with torch.inference_mode():
            pixels = torch.from_numpy(batch).to(self.device).permute(0, 3, 1, 2).float()
            found = flows(network, pixels, pairs, self._iterations, cut=True)
            both = np.ascontiguousarray(found.permute(0, 2, 3, 1).cpu().numpy())
        return {"forward": both[:count], "backward": both[count:]}

    def __call__(self, frames: Frames) -> Arrays:
        """Return the arrays of the pairs of `frames`, which hold RGB or were prepared."""
        import cv2

        if frames.prepared is None:
            frames = self.prepare(frames)
        assert frames.prepared is not None
        # The base pads to the batch of complete windows; a burst is a batch as it is.
        burst = self.spec.windows is not None
        flow = self.encode(frames.prepared) if burst else super().__call__(frames)
        pairs = list(zip(flow["forward"], flow["backward"], strict=True))
        return {
            "gray": np.stack([cv2.cvtColor(f, cv2.COLOR_RGB2GRAY) for f in frames.prepared]),
            **flow,
            "consistent": np.stack([consistent(f, b) for f, b in pairs]),
            "consistent_backward": np.stack([consistent(b, f) for f, b in pairs]),
            "dt": np.diff(frames.pts),
        }

    def start(self, fps: float | None, prompts: Sequence[str] = ()) -> Callable[[Frames], Features]:
        """Return the function for one video, which leaves out earlier pairs.

        At a low frame rate a burst outlasts `every` and overlaps the one before it.
        """
        end = -np.inf

        def extract(frames: Frames) -> Features:
            nonlocal end
            fresh = frames.take(slice(int(np.searchsorted(frames.pts, end)), None))
            end = float(frames.pts[-1])
            return Features(self.times(fresh), self(fresh))

        return extract

    def times(self, frames: Frames) -> NDArray[np.float64]:
        """Return the time of the second frame of each pair."""
        return frames.pts[1:]


def _check(name: str, parameters: Mapping[str, float]) -> None:
    wanted: dict[str, tuple[str, Callable[[float], bool]]] = {
        "long_side": (f"0 or at least {SMALLEST_SIDE}", lambda v: v == 0 or v >= SMALLEST_SIDE),
        "iterations": ("at least 1", lambda v: v >= 1),
        "burst_pairs": ("at least 0", lambda v: v >= 0),
        "every": ("more than 0 seconds", lambda v: v > 0),
    }
    for key, (fix, holds) in wanted.items():
        if not holds(parameters[key]):
            raise ConfigError(
                f"set up the extractor '{name}'",
                found=f"{key}={parameters[key]}",
                where="its parameters",
                fix=f"{key}: {fix}",
            )


class RaftSmall(Raft):
    """`raft_small`: the network of 1.0 million weights."""

    weights = ("raft_small",)
    constructor = "raft_small"


class RaftLarge(Raft):
    """`raft_large`: the network of 5.3 million weights (`raft-things`)."""

    weights = ("raft_large",)
    constructor = "raft_large"


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
