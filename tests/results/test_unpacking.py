"""Packed arrays are never unfolded to more than their file holds."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.results.unpacking import unpack_array, unpack_arrays


def npy(array: NDArray[Any]) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def promised(shape: tuple[int, ...], descr: str = "<f8") -> bytes:
    stream = io.BytesIO()
    header = {"descr": descr, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(stream, header)  # type: ignore[no-untyped-call]
    return stream.getvalue()


def packed(members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def test_what_numpy_packs_is_unpacked() -> None:
    arrays = {"a": np.arange(6.0).reshape(2, 3), "b": np.zeros((0, 4), np.uint8), "c": np.array(7)}
    stream = io.BytesIO()
    np.savez(stream, **arrays)  # type: ignore[arg-type]
    found = unpack_arrays(stream.getvalue())
    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        assert np.array_equal(found[name], array)
        assert np.array_equal(unpack_array(npy(array)), array)
    fortran = np.asfortranarray(arrays["a"])
    assert np.array_equal(unpack_array(npy(fortran)), fortran)


BAD: dict[str, Callable[[], bytes]] = {
    "a header of 8 TB": lambda: promised((10**12,)),
    "a header past 64 bits": lambda: promised((2**62, 2**62)),
    "a header of another size": lambda: npy(np.zeros(4)) + b"\0",
    "a negative header": lambda: promised((-1,)),
    "objects": lambda: promised((1,), "|O"),
    "nothing": lambda: b"",
    "no array": lambda: b"\x93NUMPY\x09\x00",
    "a header without end": lambda: b"\x93NUMPY\x02\x00\xff\xff\xff\x7f",
    "a header that is code": lambda: b"\x93NUMPY\x01\x00\x10\x00__import__('os')",
}


@pytest.mark.parametrize("name", BAD)
def test_an_array_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        unpack_array(BAD[name]())
    with pytest.raises(ValueError, match=r"."):
        unpack_arrays(packed({"a.npy": BAD[name]()}))


def test_archives_that_are_none_are_refused() -> None:
    good = npy(np.zeros(1000))
    bad = {
        "compressed": packed({"a.npy": npy(np.zeros(1 << 20))}, zipfile.ZIP_DEFLATED),
        "something else": packed({"a.txt": b"x"}),
        "cut off": packed({"a.npy": good})[:-40],
        "flipped": packed({"a.npy": good}).replace(b"\0\0\0\0\0\0\0\0", b"\0\0\0\1\0\0\0\0", 1),
        "no archive": b"PK no",
    }
    for content in bad.values():
        with pytest.raises(ValueError, match=r"."):
            unpack_arrays(content)
