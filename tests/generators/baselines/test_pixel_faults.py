"""What faults do to pixels: exact, frame by frame, whatever the batch."""

from __future__ import annotations

import numpy as np
import pytest

from lvbench.generators.baselines.pixel_faults import blurred, gained, shifted

CLIP = np.random.default_rng(0).integers(0, 256, (6, 12, 16, 3), np.uint8)


@pytest.mark.parametrize("shape", [(6,), (6, 3)])
def test_gains_are_those_of_arithmetic(shape: tuple[int, ...]) -> None:
    gain = np.random.default_rng(1).uniform(0, 2, shape)
    wanted = CLIP * (gain[:, None, None, None] if len(shape) == 1 else gain[:, None, None])
    np.testing.assert_array_equal(gained(CLIP, gain), np.clip(np.rint(wanted), 0, 255))
    halves = [gained(CLIP[:2], gain[:2]), gained(CLIP[2:], gain[2:])]
    np.testing.assert_array_equal(gained(CLIP, gain), np.concatenate(halves))


def test_a_blur_of_nothing_changes_nothing_and_more_blurs_more() -> None:
    found = blurred(CLIP, np.array([0, 0.04, 0.5, 1, 2, 4.0]))
    np.testing.assert_array_equal(found[:2], CLIP[:2])
    assert np.all(np.diff([frame.std() for frame in found[1:]]) < 0)


def test_a_shift_repeats_the_rim() -> None:
    found = shifted(CLIP, 2, -3)
    np.testing.assert_array_equal(found[:, 2:, :-3], CLIP[:, :-2, 3:])
    np.testing.assert_array_equal(found[:, 0], found[:, 2])
    np.testing.assert_array_equal(found[:, 2:, -1], CLIP[:, :-2, -1])
