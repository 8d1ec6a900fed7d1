from __future__ import annotations

import numpy as np
import pytest

from lvbench.features.paired.psnr import PairedPsnr, to_decibels
from lvbench.video.frames import Frames, Planes


def _pair(ours: Planes, theirs: Planes) -> Frames:
    times = np.arange(len(ours.y)) / 8
    return Frames(times, planes=ours, reference=Frames(times, planes=theirs))


@pytest.mark.parametrize("bits", [8, 10, 12])
def test_every_plane_is_what_its_definition_says(bits: int) -> None:
    rng = np.random.default_rng(bits)
    kind = np.uint8 if bits == 8 else np.uint16
    shapes = ((3, 10, 14), (3, 5, 7), (3, 5, 7))
    first, second = (
        Planes(*(rng.integers(0, 2**bits, shape).astype(kind) for shape in shapes), bits=bits)
        for _ in range(2)
    )
    found = PairedPsnr()(_pair(first, second))
    for name, a, b in zip(("psnr", "psnr_u", "psnr_v"), first.arrays, second.arrays, strict=True):
        error = ((a.astype(float) - b) ** 2).mean(axis=(1, 2))
        assert np.allclose(found[name], 10 * np.log10((2**bits - 1) ** 2 / error), rtol=1e-12)
    assert not found["identical"].any()
    assert (found["bits"] == bits).all()


def test_identical_frames_get_the_cap_of_their_depth() -> None:
    planes = Planes(np.full((2, 4, 4), 7, np.uint8), None, None, 8)
    found = PairedPsnr()(_pair(planes, planes))
    assert found["psnr"].tolist() == [60.0, 60.0]
    assert found["identical"].tolist() == [1.0, 1.0]
    assert "psnr_u" not in found
    assert float(to_decibels(0.0, 10)) == 72.0
    assert float(to_decibels(1.0, 8)) == 0.0


def test_chroma_of_another_layout_is_left_out() -> None:
    luma, half = np.zeros((1, 4, 4), np.uint8), np.zeros((1, 2, 2), np.uint8)
    found = PairedPsnr()(_pair(Planes(luma, half, half, 8), Planes(luma, luma, luma, 8)))
    assert "psnr_u" not in found
    assert found["psnr"].tolist() == [60.0]


def test_rgb_takes_the_channels_together() -> None:
    rng = np.random.default_rng(0)
    a, b = (rng.integers(0, 256, (2, 6, 8, 3), np.uint8) for _ in range(2))
    times = np.arange(2) / 8
    found = PairedPsnr("rgb")(Frames(times, rgb=a, reference=Frames(times, rgb=b)))
    error = ((a.astype(float) - b) ** 2).mean(axis=(1, 2, 3))
    assert np.allclose(found["psnr"], 10 * np.log10(255**2 / error))
    with pytest.raises(ValueError, match="planes, rgb"):
        PairedPsnr("yuv")
