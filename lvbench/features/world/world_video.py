"""`world_video`: windows of the world, for distances between sets of videos."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import ConfigError
from lvbench.features.base import Arrays, Windows
from lvbench.features.network import TorchExtractor
from lvbench.features.world.world_view import reduced, view_spec
from lvbench.video.frames import Frames

LENGTH = 16
"""Frames in a window."""


class WorldVideo(TorchExtractor):
    """Encode windows of 16 frames by a small space-time network trained on generators' faults.

    Values: `features`, float32 `(n, 64)`: the layer before its heads for scene, cast, camera,
    light, speed and planted faults; `faults`, float32 `(n, 7)`: the probabilities of blur,
    flicker, freeze, shuffled time, tint, blocks and melting shapes.

    Args:
        rate: Frames per second that are taken; the network was trained at 8.
        every: Seconds from the beginning of one window to that of the next.
        length: Frames in a window; the network reads 16.
    """

    weights = ("world_video",)

    def __init__(self, rate: float = 8.0, every: float = 2.0, length: int = LENGTH) -> None:
        if not 0 < every < float("inf"):
            raise ValueError(f"every must be seconds from window to window, not {every}")
        spec = view_spec("world_video", rate, batch=2)
        self.spec = replace(
            spec,
            sampling="windows",
            parameters={"rate": rate, "every": every, "length": length},
            windows=Windows(length, every=every),
            keeps=("features",),
        )

    def require(self) -> None:
        """Raise an error if windows have another length than the network reads.

        Raises:
            ConfigError: They are not (`parameter_refused`).
        """
        length = self.spec.parameters["length"]
        if length != LENGTH:
            raise ConfigError(
                "set up the extractor 'world_video'",
                found=f"length = {length}",
                where="its parameters",
                fix=f"leave it out: the network reads windows of {LENGTH} frames",
                code="parameter_refused",
            )

    def architecture(self) -> Any:
        """Return the network with random weights."""
        from lvbench.features.world.networks import VideoNetwork

        return VideoNetwork()

    def pixels(self, frames: Frames) -> NDArray[np.uint8]:
        """Return the frames at 48x48."""
        assert frames.rgb is not None
        return reduced(frames.rgb)

    def encode(self, batch: NDArray[Any]) -> Arrays:
        """Return features and faults of every window of a batch `(n, 16, 48, 48, 3)`."""
        import torch

        from lvbench.features.world.networks import standardised

        frames = np.ascontiguousarray(batch.reshape(-1, *batch.shape[2:]))
        with torch.inference_mode():
            seen = self.network(standardised(torch.from_numpy(frames).to(self.device)))
            faults = torch.sigmoid(seen.faults)
        return {"features": seen.features.cpu().numpy(), "faults": faults.cpu().numpy()}
