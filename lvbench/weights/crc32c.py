"""CRC-32C (Castagnoli), the checksum of TensorFlow's checkpoints, fast enough for large arrays."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

_POLYNOMIAL = 0x82F63B78
_STEP = 8
_ONES = np.uint32(0xFFFFFFFF)

Words = NDArray[np.uint32]


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
