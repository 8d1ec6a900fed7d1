"""What is behind a subject, as far as it was seen before from where the camera stands."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]

_LEVELS = 16.0  # By which a pixel of the same view may differ from what was seen there before ...
_SHARE = 0.1  # ... in all but this share of the picture.


class Backdrop:
    """Keep the last sight of every pixel that nothing covered; one picture is kept.

    Args:
        unknown: RGB of what was never seen.
    """

    def __init__(self, unknown: tuple[int, int, int]) -> None:
        self._unknown = np.array(unknown, np.uint8)
        self._seen: Image | None = None
        self._known: Mask | None = None

    def behind(self, picture: Image, covered: Mask) -> Image:
        """Return the picture that the covered parts are to be filled from.

        What was seen before is kept as long as it equals the uncovered part of the picture; once
        the camera has moved on, or a cut has come, nothing is known of what is covered.

        Args:
            picture: RGB `uint8 (h, w, 3)`.
            covered: bool `(h, w)`.
        """
        if self._seen is None or self._known is None or not self._same_view(picture, covered):
            self._seen, self._known = np.zeros_like(picture), np.zeros_like(covered)
        self._seen[~covered] = picture[~covered]
        self._known |= ~covered
        return np.where(self._known[..., None], self._seen, self._unknown)

    def _same_view(self, picture: Image, covered: Mask) -> bool:
        """Bring what was seen to the picture's exposure; tell whether the two agree then."""
        assert self._seen is not None
        assert self._known is not None
        common = self._known & ~covered
        if not common.any():
            return False
        now, before = picture[common].astype(np.float32), self._seen[common].astype(np.float32)
        gain = now.mean(axis=0) / np.maximum(before.mean(axis=0), 1.0)
        differs = np.abs(now - gain * before).max(axis=1) > _LEVELS
        self._seen = np.clip(np.rint(self._seen * gain), 0, 255).astype(np.uint8)
        return bool(differs.mean() < _SHARE)
