"""Pictures in a file: what is read is what was written."""

from __future__ import annotations

import numpy as np
import pytest

from lvbench.metrics.common.picture_file import PictureFile


def test_pictures_are_read_by_number_and_by_range() -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (7, 3, 5)).astype(np.uint8)
    file = PictureFile()
    assert len(file) == 0
    for part in (pictures[:2], pictures[2:2], pictures[2:]):
        file.extend(part)
    assert (len(file), file.size) == (7, (3, 5))
    np.testing.assert_array_equal(file[4], pictures[4])
    for which in (slice(1, 4), slice(None), slice(5, 99), slice(3, 3)):
        np.testing.assert_array_equal(file[which], pictures[which])
    with pytest.raises(IndexError, match="picture 7 of 7"):
        file[7]
