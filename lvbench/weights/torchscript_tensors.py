"""Read the tensors of a TorchScript archive as data; none of its code is compiled or run."""

from __future__ import annotations

import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import WeightsError
from lvbench.reading import require_bounded

Array = NDArray[Any]

_DTYPES = {
    "DoubleStorage": "<f8",
    "FloatStorage": "<f4",
    "HalfStorage": "<f2",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ByteStorage": "|u1",
    "BoolStorage": "|b1",
}


def is_torchscript(path: Path) -> bool:
    """Return whether a file is an archive that `torch.jit.save` wrote."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any(name.endswith("/constants.pkl") for name in archive.namelist())


def read_torchscript(path: Path) -> dict[str, Array]:
    """Return the parameters and buffers of a TorchScript archive, named as in its state dict.

    Only the archive's table of attributes is read. Its classes become plain objects with
    attributes; a table that calls anything but torch's rebuilding of a tensor is refused.

    Raises:
        WeightsError: It is no such archive, or its table calls a function (`weights_unreadable`).
    """
    try:
        require_bounded(path)
        with zipfile.ZipFile(path) as archive:
            table = next(name for name in archive.namelist() if name.endswith("/data.pkl"))
            with archive.open(table) as file:
                module = _Table(file, archive, table.removesuffix("data.pkl")).load()
        return dict(_tensors(module, ""))
    except Exception as error:
        raise WeightsError(
            "read the tensors of a TorchScript archive",
            found=f"{type(error).__name__}: {error}",
            where=str(path),
            fix="give the published file, or the original checkpoint: lvbench weights pull i3d",
            code="weights_unreadable",
        ) from error


class _Module:
    """Holds the attributes of a scripted module."""

    def __setstate__(self, attributes: dict[str, Any]) -> None:
        self.__dict__.update(attributes)


class _StorageType(str):
    """Name of a type of storage."""


class _Table(pickle.Unpickler):
    """Unpickles attributes and tensors, and refuses all other names."""

    def __init__(self, file: Any, archive: zipfile.ZipFile, root: str) -> None:
        super().__init__(file)
        self._archive, self._root = archive, root

    def find_class(self, module: str, name: str) -> Any:
        if module == "__torch__" or module.startswith("__torch__."):
            return _Module
        if module == "torch" and name in _DTYPES:
            return _StorageType(name)
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuild
        if (module, name) == ("collections", "OrderedDict"):
            return dict
        if module == "torch.jit._pickle" and name.startswith(("build_", "restore_type_tag")):
            return lambda value, *_: value
        raise pickle.UnpicklingError(f"it names {module}.{name}, which is not a tensor's")

    def persistent_load(self, pid: Any) -> Array:
        _, kind, key, _, _ = pid
        data = self._archive.read(f"{self._root}data/{key}")
        return np.frombuffer(data, np.dtype(_DTYPES[str(kind)]))


def _rebuild(
    storage: Array, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: Any
) -> Array:
    """Return a tensor as a view of its storage; strides are in elements."""
    last = offset + sum((n - 1) * stride for n, stride in zip(shape, strides, strict=True))
    if offset < 0 or min((*shape, *strides, 0)) < 0 or last >= len(storage):
        raise pickle.UnpicklingError(f"a tensor of shape {shape} reaches past its storage")
    steps = tuple(stride * storage.itemsize for stride in strides)
    return np.lib.stride_tricks.as_strided(storage[offset:], shape, steps, writeable=False)


def _tensors(module: Any, prefix: str) -> list[tuple[str, Array]]:
    found: list[tuple[str, Array]] = []
    for name, value in vars(module).items():
        if isinstance(value, np.ndarray):
            found.append((prefix + name, value))
        elif isinstance(value, _Module):
            found += _tensors(value, f"{prefix}{name}.")
    return found
