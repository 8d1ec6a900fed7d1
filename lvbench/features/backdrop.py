"""What is behind a subject, as far as it was seen before while the camera stood."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]


class Backdrop:
    """Keep the last sight of every pixel that nothing covered; one picture is kept.

    Args:
        unknown: RGB of what was never seen.
    """

    def __init__(self, unknown: tuple[int, int, int]) -> None:
        self._unknown = unknown
        self._seen: Image | None = None

    def behind(self, picture: Image, covered: NDArray[np.bool_], *, same_view: bool) -> Image:
        """Return the picture that the covered parts are to be filled from.

        Args:
            picture: RGB `uint8 (h, w, 3)`.
            covered: bool `(h, w)`.
            same_view: Whether the camera has not moved since the last call: if it has, nothing
                is known of what is covered.
        """
        if self._seen is None or not same_view:
            self._seen = np.empty_like(picture)
            self._seen[:] = self._unknown
        self._seen[~covered] = picture[~covered]
        return self._seen
