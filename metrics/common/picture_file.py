"""Small pictures of a video in a temporary file, so that memory does not grow with its length."""

from __future__ import annotations

import os
from tempfile import TemporaryFile
from typing import overload

import numpy as np
from numpy.typing import NDArray

Pictures = NDArray[np.uint8]


class PictureFile:
    """Keep pictures of one size in a file that has no name, and read them by number.

    Examples:
        >>> import numpy as np
        >>> from lvbench.metrics.common.picture_file import PictureFile
        >>> file = PictureFile()
        >>> file.extend(np.arange(12, dtype=np.uint8).reshape(3, 2, 2))
        >>> len(file), file[1].tolist()
        (3, [[4, 5], [6, 7]])
    """

    def __init__(self) -> None:
        self._file = TemporaryFile(buffering=0)  # noqa: SIM115 - it lives as long as this object
        self._count = 0
        self._size: tuple[int, ...] = (0, 0)

    def extend(self, pictures: Pictures) -> None:
        """Append pictures.

        Args:
            pictures: uint8 `(n, h, w)`, of the size of those before.

        Raises:
            OSError: The disk is full.
        """
        self._size = pictures.shape[1:]
        data = memoryview(pictures.tobytes())
        while data:
            data = data[self._file.write(data) :]
        self._count += len(pictures)

    def __len__(self) -> int:
        return self._count

    @property
    def size(self) -> tuple[int, ...]:
        """Return the height and width of a picture."""
        return self._size

    @overload
    def __getitem__(self, which: int) -> Pictures: ...
    @overload
    def __getitem__(self, which: slice) -> Pictures: ...
    def __getitem__(self, which: int | slice) -> Pictures:
        """Return one picture `(h, w)`, or consecutive ones `(n, h, w)`."""
        if isinstance(which, slice):
            start, stop, _ = which.indices(self._count)
            return self._read(start, max(0, stop - start))
        if not 0 <= which < self._count:
            raise IndexError(f"picture {which} of {self._count}")
        return np.asarray(self._read(which, 1)[0])

    def _read(self, start: int, count: int) -> Pictures:
        one = int(np.prod(self._size))
        data = os.pread(self._file.fileno(), count * one, start * one)
        return np.frombuffer(data, np.uint8).reshape(count, *self._size)
