"""The state of metrics that keep a few numbers per frame."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.metrics.base import VideoContext


@dataclass
class Collected:
    """Per-frame numbers of one video, in blocks until they are asked for.

    Attributes:
        video: The video's context.
    """

    video: VideoContext
    _t: list[NDArray[np.float64]] = field(default_factory=list)
    _columns: dict[str, list[NDArray[np.float64]]] = field(default_factory=dict)

    def add(self, features: Features, *names: str) -> None:
        """Take the columns `names` of a block."""
        self._t.append(features.t)
        for name in names:
            self._columns.setdefault(name, []).append(features[name])

    @property
    def t(self) -> NDArray[np.float64]:
        """Return the times in seconds."""
        return np.concatenate(self._t) if self._t else np.empty(0)

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        blocks = self._columns.get(name)
        return np.concatenate(blocks) if blocks else np.empty(0)
