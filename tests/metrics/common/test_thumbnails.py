from __future__ import annotations

import cv2
import numpy as np
import pytest

from lvbench.metrics.common.picture_file import PictureFile
from lvbench.metrics.common.thumbnails import Thumbnails


def _texture(seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, 1, (36, 64))
    smooth = cv2.GaussianBlur(noise, (0, 0), 2.0)
    return 128 + 40 * smooth / smooth.std()


def _thumbnails(*pictures: np.ndarray) -> Thumbnails:
    file = PictureFile()
    file.extend(np.clip(np.rint(np.stack(pictures)), 0, 255).astype(np.uint8))
    return Thumbnails(file)


def test_light_gain_and_zoom_leave_no_distance() -> None:
    first = _texture(0)
    zoom = cv2.getRotationMatrix2D((31.5, 17.5), 0, 1.04)
    zoomed = cv2.warpAffine(first, zoom, (64, 36), borderMode=cv2.BORDER_REFLECT)
    pictures = _thumbnails(first, 0.8 * first + 10, zoomed, _texture(1))
    other = pictures.distance(0, 3)
    assert pictures.distance(0, 0) < 1e-3 * other
    assert pictures.distance(0, 1) < 0.01 * other
    assert pictures.distance(0, 2) < 0.1 * other


def test_motion_is_what_is_left_after_the_camera() -> None:
    wide = np.tile(_texture(2), (1, 2))
    panned = _thumbnails(*(wide[:, i : i + 64] for i in range(24)))
    moving = [_texture(2) for _ in range(24)]
    for i, picture in enumerate(moving):
        picture[10:22, 2 * i : 2 * i + 12] = 20
    assert panned.motion(3, 12).max() < 0.3 * _thumbnails(*moving).motion(3, 12).min()


def test_a_clip_shorter_than_a_step_does_not_move() -> None:
    assert _thumbnails(_texture(0), _texture(1)).motion(3, 12) == pytest.approx([0, 0])


def test_the_candidates_are_those_that_look_alike() -> None:
    pictures = [_texture(i % 20) for i in range(45)]
    hits = dict(_thumbnails(*pictures).candidates(5, 5))
    assert hits[40][[0, 20]].all()
    assert hits[40].sum() <= 6


def test_what_differs_in_place_counts_more_than_coding_does() -> None:
    first = _texture(0)
    changed = first.copy()
    changed[10:20, 20:30] = _texture(1)[10:20, 20:30]
    grain = np.random.default_rng(2).normal(0, 0.5, first.shape)
    pictures = _thumbnails(first, first + grain, changed)
    assert pictures.unlike(1, 0) == 0.0
    assert pictures.unlike(2, 0) > 8 * pictures.distance(2, 0)
