from __future__ import annotations

import numpy as np

from lvbench.features.signal.fingerprint import THUMBNAIL, Fingerprint
from lvbench.video.frames import Frames


def _frames(luma: np.ndarray) -> Frames:
    return Frames(np.arange(len(luma)) / 10, luma=luma)


def test_equal_frames_change_by_nothing() -> None:
    found = Fingerprint()(_frames(np.full((4, 72, 128), 90, np.uint8)))
    assert (found["change"] == 0).all()
    assert found["thumbnail"].shape == (3, *THUMBNAIL)
    assert (found["thumbnail"] == 90).all()


def test_one_block_that_changes_is_not_averaged_away() -> None:
    luma = np.full((2, 180, 320), 90, np.uint8)
    luma[1, 40:50, 100:110] = 96
    assert Fingerprint()(_frames(luma))["change"][0] > 30


def test_a_strong_edge_weighs_no_more_than_the_cap() -> None:
    luma = np.zeros((2, 180, 320), np.uint8)
    luma[1] = 255
    assert Fingerprint()(_frames(luma))["change"][0] <= 255


def test_times_between_frames_are_told() -> None:
    found = Fingerprint()(_frames(np.zeros((3, 32, 32), np.uint8)))
    assert np.allclose(found["dt"], 0.1)


def test_a_thumbnail_holds_the_means_of_blocks() -> None:
    luma = np.random.default_rng(0).integers(0, 256, (2, 72, 128), np.uint8)
    expected = luma[1].reshape(36, 2, 64, 2).mean((1, 3))
    found = Fingerprint()(_frames(luma))["thumbnail"][0]
    assert np.abs(found - expected).max() <= 0.5


def test_frames_smaller_than_the_grid_have_a_thumbnail_too() -> None:
    found = Fingerprint()(_frames(np.full((3, 12, 20), 77, np.uint8)))
    assert found["thumbnail"].shape == (2, *THUMBNAIL)
    assert (found["thumbnail"] == 77).all()


def test_the_share_of_the_picture_that_changes_is_told() -> None:
    luma = np.full((2, 180, 320), 90, np.uint8)
    luma[1, :90] = 95
    assert Fingerprint()(_frames(luma))["spread"][0] == 0.5
