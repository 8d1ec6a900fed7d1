"""The state of metrics that keep a few numbers per frame."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.metrics.base import VideoContext
from lvbench.metrics.common.column import Column


@dataclass
class Collected:
    """Per-frame numbers of one video.

    Attributes:
        video: The video's context.
    """

    video: VideoContext
    _t: Column = field(default_factory=Column)
    _columns: dict[str, Column] = field(default_factory=dict)

    def add(self, features: Features, *names: str) -> None:
        """Take the columns `names` of a block."""
        self._t.extend(features.t)
        for name in names:
            self._columns.setdefault(name, Column()).extend(features[name])

    @property
    def t(self) -> NDArray[np.float64]:
        """Return the times in seconds."""
        return self._t.values()

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        return self._columns.get(name, Column()).values()
