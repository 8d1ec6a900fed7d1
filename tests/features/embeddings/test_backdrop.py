from __future__ import annotations

import numpy as np

from lvbench.features.embeddings.backdrop import Backdrop

UNKNOWN = (9, 9, 9)


def test_what_was_seen_is_behind_what_covers_it_while_the_camera_stands() -> None:
    backdrop = Backdrop(UNKNOWN)
    nothing, covered = np.zeros((4, 6), np.bool_), np.zeros((4, 6), np.bool_)
    covered[:, 2:4] = True
    first = np.full((4, 6, 3), 50, np.uint8)
    second = first.copy()
    second[:, 2:4] = 200
    assert (backdrop.behind(first, nothing) == 50).all()
    assert (backdrop.behind(second, covered) == 50).all()


def test_what_was_seen_takes_the_exposure_of_now() -> None:
    backdrop = Backdrop(UNKNOWN)
    covered = np.zeros((4, 6), np.bool_)
    bright = np.tile(np.arange(60, 180, 20, dtype=np.uint8)[None, :, None], (4, 1, 3))
    backdrop.behind(bright, covered)
    covered[:, 2:4] = True
    assert (backdrop.behind(bright // 2, covered) == bright // 2).all()


def test_nothing_is_known_of_another_view_and_at_the_start() -> None:
    backdrop = Backdrop(UNKNOWN)
    covered = np.zeros((4, 6), np.bool_)
    covered[:, 2:4] = True
    steps = np.tile(np.arange(0, 240, 40, dtype=np.uint8)[None, :, None], (4, 1, 3))
    assert (backdrop.behind(steps, covered)[covered] == 9).all()
    backdrop.behind(steps, np.zeros_like(covered))
    assert (backdrop.behind(steps, covered) == steps).all()
    assert (backdrop.behind(steps[:, ::-1], covered)[covered] == 9).all()
