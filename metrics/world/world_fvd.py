"""How far are clips from the world's own, in the features of a network that knows the world?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lvbench.features.registry import load
from lvbench.features.world.world_video import LENGTH, WorldVideo
from lvbench.metrics.common.world_info import of_world
from lvbench.metrics.set_functional import ClipChoice, SetResult, Videos, compare_clips
from lvbench.metrics.sets.fvd import Fvd
from lvbench.stats.subsampling import HALVES
from lvbench.video.frames import Frames


class WorldFvd(Fvd):
    """Measure the Fréchet distance of a run's windows from those of the world's renderer.

    Args:
        ddof: The covariances divide by `n - ddof`.
        minimum: Fewest videos, on either side, for which a value is given.
        halves: Random halves of the videos behind the interval.
    """

    info = of_world(Fvd.info, "world_fvd", ("world_video",), ("lvbench", "unterthiner2019fvd"))
    enough = 256

    def __init__(self, ddof: int = 1, minimum: int = 2, halves: int = HALVES) -> None:
        super().__init__(ddof, minimum, halves)
        self.extractor = None  # there is no other encoder of the world


def world_fvd(
    real: Videos,
    fake: Videos,
    *,
    clips: ClipChoice | None = None,
    seed: int = 0,
    ddof: int = 1,
    minimum: int = 2,
) -> SetResult:
    """Return the Fréchet distance of two sets of clips of the world.

    Args:
        real: Clips by the world's renderer, `uint8 (N, T, H, W, 3)` RGB at 8 frames a second.
        fake: Clips to score, likewise.
        clips: Which windows of 16 frames of every clip; back to back from its start if left out.
        seed: Seed of interval and floor.
        ddof: The covariances divide by `n - ddof`.
        minimum: Fewest videos, on either side.

    Raises:
        ConfigError: Not uint8 (`range_ambiguous`), or another shape.
        ComparabilityError: Too few videos (`too_few_videos`).

    Examples:
        >>> import numpy as np
        >>> from lvbench.metrics import world_fvd
        >>> from lvbench.world.clip import render_clip
        >>> clips = [np.concatenate(list(render_clip(4.0, 8.0, 64, 64, k))) for k in range(4)]
        >>> found = world_fvd(np.stack(clips[:2]), np.stack(clips[2:]))
        >>> found.n_real, found.n_fake
        (2, 2)
    """
    extractor = load("world_video")
    assert isinstance(extractor, WorldVideo)

    def encode(windows: Videos) -> NDArray[np.float32]:
        return np.concatenate([_features(extractor, window) for window in windows])

    choice = clips or ClipChoice(LENGTH)
    metric = WorldFvd(ddof, minimum)
    return compare_clips(metric, real, fake, encode, "world_video", {}, clips=choice, seed=seed)


def _features(extractor: WorldVideo, window: NDArray[np.uint8]) -> NDArray[np.float32]:
    found: NDArray[np.float32] = extractor(Frames(np.arange(len(window)) / 8.0, rgb=window))[
        "features"
    ]
    return found
