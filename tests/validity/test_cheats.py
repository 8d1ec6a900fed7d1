"""Cheats: made from a clip of the same size, lazily, with variants by strength and seed."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from lvbench.validity.cheats import CHEATS, Cheat
from lvbench.validity.clip import ArrayClip, Clip, Pictures
from lvbench.validity.overlays import panning, shaking, zooming

FPS = 12.0
FIXED = {"still", "copied"}  # strength changes nothing


@pytest.fixture(scope="module")
def clip() -> ArrayClip:
    """Return 96 frames of a moving texture, 128 pixels wide."""
    noise = np.random.default_rng(0).integers(0, 256, (80, 330, 3), dtype=np.uint8)
    canvas = np.clip(cv2.GaussianBlur(noise, (0, 0), 1.5) * 2.0 - 128, 0, 255).astype(np.uint8)
    frames = np.stack([canvas[4:68, 2 * i : 2 * i + 128] for i in range(96)])
    frames.flags.writeable = False
    return ArrayClip(frames, FPS)


def named(cheat: Cheat) -> str:
    return cheat.name


def whole(clip: Clip, block: int = 16) -> Pictures:
    return np.concatenate(list(clip.blocks(block)))


@pytest.mark.parametrize("cheat", CHEATS.values(), ids=named)
def test_a_cheat_has_the_size_of_its_clip_however_it_is_read(cheat: Cheat, clip: Clip) -> None:
    out = whole(cheat.made(clip))
    assert (out.shape, out.dtype) == (whole(clip).shape, np.dtype(np.uint8))
    assert np.array_equal(whole(cheat.made(clip), 7), out)
    backwards = cheat.made(clip).take(np.arange(96)[::-1])
    assert np.array_equal(backwards[::-1], out)
    assert np.array_equal(out, whole(clip)) == (cheat.name == "copied")


@pytest.mark.parametrize("cheat", CHEATS.values(), ids=named)
def test_seed_and_strength_give_variants(cheat: Cheat, clip: Clip) -> None:
    plain, other = whole(cheat.made(clip)), whole(cheat.made(clip, seed=3))
    assert np.array_equal(plain, other) == (cheat.name == "copied")
    stronger = whole(cheat.made(clip, strength=0.5))
    assert np.array_equal(plain, stronger) == (cheat.name in FIXED)


@pytest.mark.parametrize("name", ["still", "still_grain_1", "still_shake", "still_zoom"])
def test_a_still_shows_the_middle_frame(name: str, clip: Clip) -> None:
    out = whole(CHEATS[name].made(clip)).astype(int)
    middle = clip.take(np.array([48]))[0]
    assert np.abs(out[0] - middle).mean() < 8
    assert np.abs(out[0] - middle).mean() < np.abs(out[0] - whole(clip)[0]).mean() / 4


def test_grain_has_the_deviation_of_its_name(clip: Clip) -> None:
    grey = ArrayClip(np.full((12, 64, 64, 3), 128, np.uint8), FPS)
    for sd in (1, 3, 5):
        out = whole(CHEATS[f"still_grain_{sd}"].made(grey)).astype(float)
        assert out.std() == pytest.approx((sd**2 + 1 / 12) ** 0.5, rel=0.03)
        assert np.corrcoef(out[0].ravel(), out[1].ravel())[0, 1] < 0.05


def test_the_camera_moves_as_fast_as_it_says(clip: Clip) -> None:
    assert zooming(clip, 0.01).zoom[-1] == pytest.approx(1.01 ** (95 / FPS))
    pan = panning(clip, 0.01, 0)
    speed = np.linalg.norm(np.diff(pan.offset, axis=0), axis=1) * FPS
    assert np.median(speed) == pytest.approx(0.01, rel=0.1)
    assert (np.abs(pan.offset[:, 0]) <= (1 - 1 / pan.zoom) / 2 + 1e-9).all()
    for seed in (0, 1):
        assert shaking(clip, 0.4, seed).offset.std() * 256 == pytest.approx(0.4, rel=0.4)


def test_only_a_small_part_of_the_still_lives(clip: Clip) -> None:
    for name, most in (("sprite", 0.3), ("live_patch", 0.04)):
        out = whole(CHEATS[name].made(clip)).astype(int)
        changed = (out != out[:1]).any(axis=(0, 3)).mean()
        assert 0.01 < changed < most
        pair = (out[1:] != out[:-1]).any(axis=-1).mean()
        assert pair < 0.04


def test_passes_return(clip: Clip) -> None:
    there = whole(CHEATS["palindrome"].made(clip))
    assert np.array_equal(there[:64], there[64::-1][:64])
    around = whole(CHEATS["loop_cheat"].made(clip))
    assert np.array_equal(around[5:33], around[37:65])
    brighter = whole(CHEATS["palindrome_gain"].made(clip))[64].mean() / there[64].mean()
    assert brighter == pytest.approx(1.02 ** (64 / FPS / 4), rel=0.01)


def test_time_is_spread_or_stands(clip: Clip) -> None:
    slow = whole(CHEATS["slow_motion_4"].made(clip))
    assert np.array_equal(slow[::4], whole(clip)[:24])
    shown = whole(CHEATS["slides"].made(clip))
    assert (shown[1:24] == shown[0]).all()
    assert not np.array_equal(shown[40], shown[0])
    soft = whole(CHEATS["low_pass"].made(clip)).astype(int)
    assert soft.std(axis=0).mean() < 0.6 * whole(clip).std(axis=0).mean()
