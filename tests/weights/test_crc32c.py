from __future__ import annotations

import numpy as np
import pytest

from lvbench.weights.crc32c import crc32c, masked_crc32c


def bit_by_bit(data: bytes) -> int:
    register = 0xFFFFFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = (register >> 1) ^ (0x82F63B78 if register & 1 else 0)
    return register ^ 0xFFFFFFFF


def test_it_is_castagnoli() -> None:
    """The check value of the catalogue of CRCs, and one of RFC 3720, B.4."""
    assert crc32c(b"123456789") == 0xE3069283
    assert crc32c(bytes(32)) == 0x8A9136AA


@pytest.mark.parametrize("n", [0, 1, 7, 8, 9, 31, 64, 100, 1000, 4097])
def test_lanes_give_what_bits_give(n: int) -> None:
    data = np.random.default_rng(n).integers(0, 256, n, dtype=np.uint8)
    assert crc32c(data) == crc32c(data.tobytes()) == bit_by_bit(data.tobytes())


def test_the_mask_rotates_and_adds() -> None:
    plain = crc32c(b"lvbench")
    unmasked = (masked_crc32c(b"lvbench") - 0xA282EAD8) & 0xFFFFFFFF
    assert (unmasked >> 17) | (unmasked << 15) & 0xFFFFFFFF == plain
