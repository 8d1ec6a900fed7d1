"""Read packed arrays from untrusted files, never more than the file's own size."""

from __future__ import annotations

import io
import math
import zipfile
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

MOST_BYTES = 2 << 30
"""Largest file of arrays that lvbench reads."""


def unpack_array(content: bytes) -> NDArray[Any]:
    """Return the array of the bytes of a `.npy` file.

    Raises:
        ValueError: They are no such file, or its size is not that of the header.
    """
    _check_header(io.BytesIO(content), len(content))
    array: NDArray[Any] = np.load(io.BytesIO(content), allow_pickle=False)
    return array


def unpack_arrays(content: bytes) -> dict[str, NDArray[Any]]:
    """Return the arrays of the bytes of a `.npz` file, by name.

    Raises:
        ValueError: They are no such file, or a member is compressed, which may expand without
            end, or its size is not that of its header.
    """
    found: dict[str, NDArray[Any]] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for member in packed.infolist():
                name = member.filename.removesuffix(".npy")
                if name == member.filename or name in found:
                    raise ValueError(f"{member.filename!r}: no array, or given twice")
                if member.compress_type != zipfile.ZIP_STORED:
                    raise ValueError(f"{name!r} is compressed, which no file of lvbench is")
                with packed.open(member) as file:
                    _check_header(file, member.file_size)
                with packed.open(member) as file:
                    found[name] = npy.read_array(file, allow_pickle=False)
    except (zipfile.BadZipFile, EOFError, OSError, RuntimeError) as error:
        raise ValueError(f"a damaged archive: {error}") from error
    return found


def _check_header(file: IO[bytes], size: int) -> None:
    """Refuse an array whose header states another size than the file has."""
    version = npy.read_magic(file)
    readers = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
    if version not in readers:
        raise ValueError(f"a .npy file of version {version}")
    shape, _, dtype = readers[version](file)
    wanted = math.prod(shape) * dtype.itemsize
    if dtype.hasobject or wanted != size - file.tell():
        raise ValueError(f"{dtype} {shape} in {size} bytes")
