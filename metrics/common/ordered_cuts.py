"""Which breaks of the picture were ordered, by the manifest's cuts or by a new prompt."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lvbench.metrics.base import VideoContext

_ANSWER_SECONDS = 1.0  # How long after a prompt the picture may answer.


def ordered(video: VideoContext, times: ArrayLike) -> NDArray[np.bool_]:
    """Return whether a break of the picture at each of `times` was ordered, `(n,)`.

    It was where a cut is declared within one segment, and in the second after a change of the
    prompt's text unless all prompts require that the scene stays.

    Args:
        video: The video's context.
        times: Seconds, `(n,)`.
    """
    t = np.asarray(times, np.float64)
    reach = video.segment_seconds
    found = np.zeros(len(t), np.bool_)
    for cut in video.cuts:
        found |= np.abs(t - cut) <= reach
    if video.persist is None or "scene" not in video.persist:
        for (_, before), (start, text) in pairwise(video.prompts):
            if text != before:
                found |= (t >= start - reach) & (t <= start + max(reach, _ANSWER_SECONDS))
    return found
