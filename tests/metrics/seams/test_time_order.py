from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.metrics import time_order
from lvbench.validity.cheats import CHEATS
from lvbench.validity.clip import ArrayClip
from lvbench.validity.faults.catalogue import planted_array

Clip = NDArray[np.uint8]
FPS = 12.0


@pytest.fixture(scope="module")
def drive() -> Clip:
    """Return 12 s of a view that moves steadily over a wide texture."""
    noise = np.random.default_rng(1).normal(size=(36, 420)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 4.0)
    wide = np.clip(128 + 45 * smooth / smooth.std(), 0, 255).astype(np.uint8)
    clip = np.stack([wide[:, 2 * k : 2 * k + 64] for k in range(144)])
    return np.repeat(clip[..., None], 3, axis=3)


def value(clip: Clip) -> float:
    found = time_order(clip, FPS).value
    assert found is not None
    return float(found)


def test_it_grows_with_the_share_of_shuffled_windows(drive: Clip) -> None:
    values = [value(planted_array("shuffled", drive, FPS, dose)) for dose in (0.25, 0.5, 1.0)]
    assert value(drive) == 0.0
    assert values == sorted(values)
    assert values[0] > 0.02
    assert values[2] > 3 * values[0]


def test_a_part_far_from_its_place_is_worse_than_one_near_it(drive: Clip) -> None:
    part, rest = drive[36:60], np.concatenate([drive[:36], drive[60:]])
    near, far = (np.concatenate([rest[:k], part, rest[k:]]) for k in (48, 96))
    assert 0 < value(near) < 0.5 * value(far)


def test_a_break_is_an_event_at_its_frame(drive: Clip) -> None:
    swapped = np.concatenate([drive[:48], drive[84:120], drive[48:84], drive[120:]])
    score = time_order(swapped, FPS)
    starts = [event.start for event in score.events]
    assert starts == pytest.approx([48 / FPS, 84 / FPS, 120 / FPS])
    assert score.components["breaks"] == pytest.approx(60 * 3 / (142 / FPS), rel=0.02)


def test_a_part_played_backwards_is_out_of_order(drive: Clip) -> None:
    assert value(planted_array("reversed", drive, FPS, 0.5)) > 0.01
    assert value(drive[::-1]) == 0.0


@pytest.mark.parametrize(
    ("fault", "dose"),
    [("seam_regular", 6.0), ("freeze", 2.0), ("loop", 0.35), ("flicker_global", 0.05),
     ("dropped_frames", 0.15), ("noise_ramp", 8.0), ("dark_blip", 0.5)],
)  # fmt: skip
def test_other_faults_leave_it_alone(drive: Clip, fault: str, dose: float) -> None:
    assert value(planted_array(fault, drive, FPS, dose)) < 0.005


def test_declared_cuts_may_go_anywhere_in_time(drive: Clip) -> None:
    swapped = np.concatenate([drive[:48], drive[84:120], drive[48:84], drive[120:]])
    assert time_order(swapped, FPS, cuts=[4.0, 7.0, 10.0]).value == 0.0


def test_a_picture_that_hardly_moves_shows_no_order(drive: Clip) -> None:
    noise = np.random.default_rng(0).normal(0, 2, (96, 36, 64, 1))
    still = np.clip(np.rint(drive[:1] + noise), 0, 255).astype(np.uint8)
    assert time_order(still, FPS).code == "order_unseen"
    assert time_order(drive[:12], FPS).code == "too_short"


def test_in_a_moving_clip_of_the_world_it_is_silent(world_clip: Callable[..., Clip]) -> None:
    assert value(world_clip(1)) == 0.0


def test_a_break_after_the_first_or_before_the_last_picture_has_no_neighbour(drive: Clip) -> None:
    shaken = CHEATS["still_shake"].made(ArrayClip(drive[:60], FPS), seed=30)
    assert time_order(shaken.take(np.arange(60)), FPS).status in ("ok", "not_applicable")
