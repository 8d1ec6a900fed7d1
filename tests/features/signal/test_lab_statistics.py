"""Mean colour in CIELAB of pictures whose values are known."""

from __future__ import annotations

import numpy as np
import pytest

from lvbench.features.signal.lab_statistics import LabStatistics
from lvbench.video.frames import Frames


def measure(*colours: tuple[int, int, int]) -> dict[str, float]:
    """Return the statistics of one frame with a band of each colour."""
    rgb = np.repeat(np.array(colours, np.uint8), 8, axis=0)[None, :, None].repeat(16, axis=2)
    frames = Frames(np.zeros(1), small=np.ascontiguousarray(rgb))
    return {name: float(v[0]) for name, v in LabStatistics()(frames).items()}


@pytest.mark.parametrize(
    ("rgb", "lab"),
    # The usual published values of the sRGB primaries (D65).
    [
        ((255, 255, 255), (100.0, 0.0, 0.0)),
        ((0, 0, 0), (0.0, 0.0, 0.0)),
        ((255, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 255, 0), (87.73, -86.18, 83.18)),
        ((0, 0, 255), (32.30, 79.19, -107.86)),
        ((128, 128, 128), (53.585, 0.0, 0.0)),
    ],
)
def test_known_colours(rgb: tuple[int, int, int], lab: tuple[float, float, float]) -> None:
    found = measure(rgb)
    assert (found["mean_L"], found["mean_a"], found["mean_b"]) == pytest.approx(lab, abs=0.05)
    assert found["chroma"] == pytest.approx(np.hypot(*lab[1:]), abs=0.05)


def test_chroma_is_the_mean_of_lengths_not_the_length_of_the_mean() -> None:
    red, green = measure((255, 0, 0)), measure((0, 255, 0))
    both = measure((255, 0, 0), (0, 255, 0))
    assert both["chroma"] == pytest.approx((red["chroma"] + green["chroma"]) / 2, abs=1e-3)
    assert both["mean_a"] == pytest.approx((red["mean_a"] + green["mean_a"]) / 2, abs=1e-3)
    assert abs(both["mean_a"]) < 10 < both["chroma"]


def test_values_are_float64_one_a_frame() -> None:
    frames = np.random.default_rng(0).integers(0, 256, (3, 9, 16, 3), dtype=np.uint8)
    found = LabStatistics()(Frames(np.arange(3.0), small=frames))
    assert {(v.dtype, v.shape) for v in found.values()} == {(np.dtype(np.float64), (3,))}


def test_the_size_is_part_of_the_identity() -> None:
    small, usual = LabStatistics(size=128).spec, LabStatistics().spec
    assert small.identity() != usual.identity()
    assert small.products.small == 128
    assert small.preprocessing != usual.preprocessing


@pytest.mark.parametrize("size", [(12, 20), (145, 251)])
def test_where_a_picture_lies_in_memory_moves_no_bit(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    rgb = rng.integers(0, 256, (1, *size, 3), dtype=np.uint8)
    found, held = set(), []
    for taken in rng.integers(1, 200_000, 100):
        held.append(np.empty(taken, np.uint8))
        found.add(LabStatistics()(Frames(np.zeros(1), small=rgb.copy()))["chroma"].tobytes())
    assert len(found) == 1
