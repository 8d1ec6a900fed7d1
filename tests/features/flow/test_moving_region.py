from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.features.flow.dis import DenseInverseSearchFlow
from lvbench.features.flow.moving_region import Mask, Motion, RegionTracker, moving_parts
from lvbench.video.frames import Frames

HEIGHT, WIDTH, SIZE = 120, 200, 40
STEP = 0.1


def texture(seed: int, height: int, width: int, colour: tuple[int, int, int]) -> NDArray[np.uint8]:
    noise = np.random.default_rng(seed).standard_normal((height, width, 1))
    smooth = cv2.GaussianBlur(noise, (0, 0), 2.0)[..., None]
    return np.clip(np.array(colour) + 22 * smooth / smooth.std(), 0, 255).astype(np.uint8)


WALL = texture(0, HEIGHT, 2 * WIDTH, (70, 90, 120))
THING = texture(1, SIZE, SIZE, (200, 130, 40))


def picture(x: int, pan: int = 0, y: int = 40) -> NDArray[np.uint8]:
    """Return a wall seen from `pan`, a square in front of it at `x`."""
    frame = WALL[:, pan : pan + WIDTH].copy()
    frame[y : y + SIZE, x : x + SIZE] = THING
    return frame


def luma(*frames: NDArray[np.uint8]) -> Frames:
    gray = np.stack([cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in frames])
    return Frames(np.arange(len(gray)) * STEP, luma=gray)


def motion(*frames: NDArray[np.uint8]) -> Motion:
    found = DenseInverseSearchFlow()(luma(*frames))
    return moving_parts(
        found["gray"],
        (found["backward"][0], found["forward"][1]),
        (found["consistent_backward"][0], found["consistent"][1]),
        (STEP, STEP),
    )


def truth(x: int, y: int = 40) -> Mask:
    mask = np.zeros((HEIGHT, WIDTH), np.bool_)
    mask[y : y + SIZE, x : x + SIZE] = True
    return mask


def overlap(a: Mask, b: Mask) -> float:
    return float((a & b).sum() / (a | b).sum())


@pytest.mark.parametrize("pan", [0, 3])
def test_what_moves_is_found_whether_the_camera_stands_or_pans(pan: int) -> None:
    frames = [picture(60 + 4 * i, 50 + pan * i) for i in range(3)]
    found = motion(*frames)
    assert overlap(found.mask, truth(64)) > 0.7
    assert found.camera.is_still == (pan == 0)
    assert found.explained > 0.6


def test_nothing_moves_in_a_still_or_in_a_pan_alone() -> None:
    still, pans = [picture(60)] * 3, [WALL[:, 4 * i : 4 * i + WIDTH] for i in range(3)]
    assert not motion(*still).mask.any()
    assert not motion(*pans).mask.any()


def test_nothing_can_be_told_across_a_cut() -> None:
    other = texture(5, HEIGHT, WIDTH, (120, 120, 120))
    assert not motion(picture(60), picture(64), other).mask.any()


def followed(*positions: int) -> list[Mask | None]:
    """Return the region at each sampled time; the thing moves 4 pixels per step of motion."""
    tracker, last, regions = RegionTracker(), None, []
    for before, after in zip(positions, (*positions[1:], positions[-1]), strict=True):
        speed = 4 if after != before else 0
        frames = [picture(before + speed * i) for i in (-1, 0, 1)]
        back = consistent = None
        if last is not None:
            since = DenseInverseSearchFlow()(luma(last, frames[1]))
            back, consistent = since["backward"][0], since["consistent_backward"][0]
        regions.append(tracker.update(motion(*frames).mask, frames[1], back, consistent))
        last = frames[1]
    return regions


def test_it_is_carried_on_when_it_stops() -> None:
    regions = followed(40, 50, 60, 70, 70, 70, 70)
    for x, region in zip((40, 50, 60, 70, 70, 70, 70), regions, strict=True):
        assert region is not None
        # Where it stands only flow over half a second tells its edges.
        assert overlap(region, truth(x)) > (0.9 if x < 70 else 0.6)


def test_without_motion_there_is_no_region() -> None:
    assert followed(40, 40, 40) == [None] * 3


def test_a_part_that_moves_tells_the_whole() -> None:
    """Only the upper part of a thing was seen to move; the region grows to what looks alike."""
    frame = WALL[:, :WIDTH].copy()
    frame[40:100, 80:120] = texture(1, 60, SIZE, (200, 130, 40))
    seen = np.zeros((HEIGHT, WIDTH), np.bool_)
    seen[40:82, 80:120] = True
    region = RegionTracker().update(seen, frame, None, None)
    assert region is not None
    whole = np.zeros_like(seen)
    whole[40:100, 80:120] = True
    assert overlap(region, whole) > 0.8 > overlap(seen, whole)
