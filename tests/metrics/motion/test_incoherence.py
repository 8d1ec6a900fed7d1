from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.metrics import incoherence
from lvbench.validity.faults.catalogue import planted_array

Clip = NDArray[np.uint8]
FPS = 12.0
RNG = np.random.default_rng


def _noise(count: int, height: int, width: int, *, grain: int = 1) -> Clip:
    size = count, height // grain, width // grain, 3
    small = RNG(0).integers(0, 256, size, dtype=np.uint8)
    large = [cv2.resize(f, (width, height), interpolation=cv2.INTER_CUBIC) for f in small]
    return np.asarray(np.stack(large), np.uint8)


def _grain(clip: Clip, sigma: float) -> Clip:
    noisy = clip + RNG(0).normal(0, sigma, clip.shape)
    return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("fps", [8.0, 24.0])
@pytest.mark.parametrize("side", [48, 256])
def test_noise_is_explained_by_no_motion(side: int, fps: float) -> None:
    score = incoherence(_noise(24, side, side), fps)
    assert score.value is not None
    assert score.value > 0.9
    assert score.components["residual"] > 0.9


@pytest.mark.parametrize("grain", [4, 8, 16])
def test_nor_is_noise_of_coarse_grain(grain: int) -> None:
    score = incoherence(_noise(16, 256, 256, grain=grain), 24.0)
    assert score.value is not None
    assert score.value > 0.9


def test_noise_that_is_shown_for_several_frames_is_no_better() -> None:
    score = incoherence(np.repeat(_noise(12, 48, 48), 3, axis=0), 24.0)
    assert score.value is not None
    assert score.value > 0.9


def test_a_healthy_clip_has_none(world_clip: Callable[..., Clip]) -> None:
    assert incoherence(world_clip(), FPS).value == 0.0


def test_a_still_or_an_empty_picture_has_none(world_clip: Callable[..., Clip]) -> None:
    still = np.repeat(world_clip()[:1], 24, axis=0)
    for clip in (still, np.zeros_like(still), _grain(np.full_like(still, 128), 1.0)):
        assert incoherence(clip, FPS).value == 0.0


def test_grain_raises_what_is_left_little_and_steadily(world_clip: Callable[..., Clip]) -> None:
    clip = world_clip()[:48]
    scores = [incoherence(_grain(clip, sigma), FPS) for sigma in (0, 10, 25)]
    left = [score.components["residual"] for score in scores]
    assert left == sorted(left)
    assert left[-1] < 0.4
    assert all(score.value == 0.0 for score in scores)


def test_it_grows_with_the_share_of_frames_that_are_noise(world_clip: Callable[..., Clip]) -> None:
    clip = world_clip()
    noise = _noise(len(clip), *clip.shape[1:3])
    values = []
    for share in (0.0, 0.25, 0.5, 1.0):
        mixed = clip.copy()
        mixed[: round(share * len(clip))] = noise[: round(share * len(clip))]
        values.append(incoherence(mixed, FPS).value)
    assert values == pytest.approx([0.0, 0.25, 0.5, 1.0], abs=0.03)


def test_a_cut_is_no_incoherence(world_clip: Callable[..., Clip]) -> None:
    spliced = np.concatenate([world_clip(seed)[:24] for seed in (1, 2, 3)])
    assert incoherence(spliced, FPS, cuts=(24 / FPS, 48 / FPS)).value == 0.0


def test_neither_flicker_nor_a_fade_is(world_clip: Callable[..., Clip]) -> None:
    clip = world_clip()
    assert incoherence(planted_array("flicker_global", clip, FPS, 0.1), FPS).value == 0.0
    fading = np.linspace(1.0, 0.0, len(clip))[:, None, None, None]
    value = incoherence(np.rint(clip * fading).astype(np.uint8), FPS).value
    assert value is not None
    assert value < 0.02


def test_what_cannot_be_measured_gives_a_reason(world_clip: Callable[..., Clip]) -> None:
    assert incoherence(world_clip()[:1], FPS).code == "too_short"
    assert incoherence(world_clip()[:2], FPS, cuts=(1 / FPS,)).code == "only_cuts"


@pytest.mark.assets
@pytest.mark.parametrize(
    "name",
    ["worldmark_m1_good.mp4", "worldmark_m5_bad.mp4", "big-buck-bunny-480p-30s.mp4"],
)
def test_real_clips_have_next_to_none_until_they_are_shuffled(
    name: str, real_clip: Callable[[str], tuple[Clip, float]]
) -> None:
    clip, fps = real_clip(name)
    value = incoherence(clip, fps).value
    shuffled = incoherence(clip[RNG(3).permutation(len(clip))], fps).value
    assert value is not None
    assert shuffled is not None
    assert value < 0.05
    assert shuffled > 0.25
