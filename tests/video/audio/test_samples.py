from __future__ import annotations

import numpy as np
import pytest

from lvbench.video.audio.samples import as_float


@pytest.mark.parametrize(
    ("kind", "low", "high"),
    [
        ("u1", 0, 255),
        ("i2", -(2**15), 2**15 - 1),
        ("i4", -(2**31), 2**31 - 1),
        ("f4", -1.0, 1.0),
        ("f8", -1.0, 1.0),
    ],
)
def test_full_scale_is_one_whatever_the_format(kind: str, low: float, high: float) -> None:
    found = as_float(np.array([[low, high]], kind), 1, planar=True)
    assert found.dtype == np.float32
    assert found[0, 0] == -1.0
    assert found[1, 0] == pytest.approx(1.0, abs=0.01)


def test_silence_of_unsigned_samples_is_zero() -> None:
    assert not as_float(np.full((1, 4), 128, np.uint8), 2, planar=False).any()


def test_packed_and_planar_channels_come_out_the_same() -> None:
    table = np.arange(12, dtype=np.int16).reshape(6, 2)
    packed = as_float(table.reshape(1, -1), 2, planar=False)
    assert np.array_equal(packed, as_float(table.T, 2, planar=True))
    assert packed.shape == (6, 2)


def test_what_is_no_number_becomes_silence() -> None:
    found = as_float(np.array([[np.nan, np.inf, -np.inf]], np.float32), 1, planar=True)
    assert found[:, 0].tolist() == [0.0, 1.0, -1.0]
