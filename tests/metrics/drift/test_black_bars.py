"""Bars are measured to the row, and dark or letterless pictures have none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.metrics import black_bars
from tests.metrics.encoded import encoded

Clip = NDArray[np.uint8]
FPS = 12.0


def barred(clip: Clip, top: int, bottom: int, left: int, right: int) -> Clip:
    out = clip.copy()
    height, width = clip.shape[1:3]
    out[:, :top], out[:, height - bottom :] = 0, 0
    out[:, :, :left], out[:, :, width - right :] = 0, 0
    return out


def test_a_clip_without_bars_has_none(world_clip: Callable[..., Clip]) -> None:
    assert black_bars(world_clip(), FPS).value == 0.0


@pytest.mark.parametrize("bars", [(12, 12, 0, 0), (0, 0, 20, 20), (8, 16, 6, 0)])
def test_bars_are_measured_after_encoding(
    world_clip: Callable[..., Clip], bars: tuple[int, int, int, int], tmp_path: Path
) -> None:
    clip = barred(world_clip(), *bars)
    score = black_bars(encoded(clip, FPS, tmp_path), FPS)
    height, width = clip.shape[1:3]
    sides = zip(bars, (height, height, width, width), strict=True)
    found = [score.components[side] for side in ("top", "bottom", "left", "right")]
    assert found == pytest.approx([b / side for b, side in sides], abs=2 / height)


def test_it_grows_with_the_bars(world_clip: Callable[..., Clip]) -> None:
    values = [black_bars(barred(world_clip(), n, n, 0, 0), FPS).value for n in (0, 4, 8, 16)]
    assert values == sorted({v for v in values if v is not None})


def test_a_fade_and_a_subtitle_move_nothing(world_clip: Callable[..., Clip]) -> None:
    clip = barred(world_clip(), 12, 12, 0, 0)
    usual = black_bars(clip, FPS).value
    clip[:14] = 0  # black frames say nothing of the format
    assert black_bars(clip, FPS).value == usual
    long = np.concatenate([clip] * 4)
    long[-3:, -6:, 20:40] = 255
    assert black_bars(long, FPS).value == usual


def test_a_black_clip_has_no_bars() -> None:
    score = black_bars(np.zeros((24, 40, 60, 3), np.uint8), FPS)
    assert (score.status, score.code) == ("not_applicable", "black")
