"""The contract of a metric that keeps a few numbers of every frame."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.metrics.base import Metric, VideoContext
from lvbench.metrics.common.column import Column
from lvbench.results.schema import ItemScore


class Collected:
    """The numbers of one video by declared column, one for every frame, pair or window.

    Args:
        video: The video's context.
        columns: Names of the columns.
    """

    def __init__(self, video: VideoContext, columns: Iterable[str]) -> None:
        self.video = video
        self._t = Column()
        self._columns = {name: Column() for name in columns}

    def add(self, features: Features, *names: str) -> None:
        """Append the arrays `names` of a block; those of all columns if none is named.

        Raises:
            ValueError: A name is not a column, the block lacks its array, or the array does not
                have one number for each time.
        """
        names = names or tuple(self._columns)
        for name in names:
            found = features.values.get(name)
            if found is None:
                known = ", ".join(features.values) or "none"
                raise ValueError(f"keep '{name}': the features have no such array, only {known}")
            if found.shape != features.t.shape:
                raise ValueError(
                    f"keep '{name}': its shape is {found.shape}, expected {features.t.shape}: "
                    "one number for each time"
                )
            self._column(name).extend(found)
        self._t.extend(features.t)

    @property
    def t(self) -> NDArray[np.float64]:
        """Return the times in seconds, `(n,)`."""
        return self._t.values()

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        """Return a column, `(n,)`, or `(0,)` where no block had it.

        Raises:
            ValueError: It was not declared, or only some of the blocks had it.
        """
        found = self._column(name).values()
        if len(found) not in (0, len(self._t)):
            raise ValueError(f"read '{name}': {len(found)} numbers, expected {len(self._t)}")
        return found

    def _column(self, name: str) -> Column:
        if name not in self._columns:
            known = ", ".join(self._columns)
            raise ValueError(f"read '{name}': no such column; the metric declares {known}")
        return self._columns[name]


class ColumnMetric(Metric[Collected]):
    """Keep the arrays `columns` of the first of `needs`, one number for every frame.

    Attributes:
        columns: Names of the extractor's arrays; `lvbench show EXTRACTOR` lists them.
    """

    columns: ClassVar[tuple[str, ...]]

    def new_state(self, video: VideoContext) -> Collected:
        """Return the declared columns, empty."""
        return Collected(video, self.columns)

    def update(self, state: Collected, features: Mapping[str, Features]) -> None:
        """Append the next numbers."""
        if self.needs[0] in features:
            state.add(features[self.needs[0]])

    @abstractmethod
    def item(self, state: Collected) -> ItemScore:
        """Return the score of the video: times `state.t`, numbers `state["column"]`."""
