"""The state of metrics that keep a few numbers per frame."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.metrics.base import VideoContext
from lvbench.metrics.column import Column


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


class CollectedOverTime(Collected):
    """Per-frame numbers in which a held frame comes as often as a constant rate would show it."""

    @property
    def t(self) -> NDArray[np.float64]:
        """Return the times in seconds."""
        return self.video.held(self._t.values())[1]

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        index, _ = self.video.held(self._t.values())
        values = super().__getitem__(name)
        return values[index] if len(values) else values
