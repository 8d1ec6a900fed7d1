from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.metrics.common.standing import Standing

Picture = NDArray[np.float64]
HEIGHT, WIDTH = 16, 28
SEEN = np.ones((HEIGHT, WIDTH), np.bool_)
ROOM = np.random.default_rng(0).uniform(40, 200, (HEIGHT, WIDTH, 3))
OBJECT = (slice(6, 11), slice(8, 12))
CHANGE_AT = 10


def with_object(colour: tuple[int, int, int]) -> Picture:
    picture = ROOM.copy()
    picture[OBJECT] = colour
    return picture


def largest(pictures: list[Picture], covered: Callable[[int], bool] = lambda i: False) -> float:
    """Return the largest share replaced; `covered`: whether the object is behind something."""
    standing, found = Standing(pictures[0]), []
    for i, picture in enumerate(pictures[1:], start=1):
        hidden = np.zeros_like(SEEN)
        hidden[OBJECT] = covered(i)
        noise = np.random.default_rng(i).normal(0, 1, picture.shape)
        found.append(standing.see(np.clip(picture + noise, 0, 255), SEEN & ~hidden, hidden))
    return max(found)


def stepped(before: Picture, after: Picture) -> list[Picture]:
    return [before if i < CHANGE_AT else after for i in range(20)]


RED, GREEN = with_object((180, 60, 60)), with_object((60, 180, 60))


@pytest.mark.parametrize(("before", "after"), [(RED, GREEN), (RED, ROOM), (ROOM, RED)])
def test_what_is_replaced_vanishes_or_appears_is_found(before: Picture, after: Picture) -> None:
    assert 0.01 < largest(stepped(before, after)) <= 20 / (HEIGHT * WIDTH)


def test_more_change_reads_more() -> None:
    slight = with_object((140, 100, 60))
    assert 0 < largest(stepped(RED, slight)) < largest(stepped(RED, GREEN))


def test_nothing_is_replaced_where_nothing_changes_for_good() -> None:
    assert largest([RED] * 20) == 0
    assert largest([GREEN if 10 <= i < 13 else RED for i in range(20)]) == 0


def test_what_moves_in_is_not_replaced() -> None:
    assert largest(stepped(ROOM, RED), lambda i: i == CHANGE_AT - 1) == 0
    swept = []
    for i in range(24):
        picture = ROOM.copy()
        picture[6:11, 4 : 4 + max(0, min(16, 2 * (i - 8)))] = (180, 60, 60)
        swept.append(picture)
    assert largest(swept) == 0


@pytest.mark.parametrize(
    "light",
    [
        lambda p, s: p * (1 - 0.5 * s),
        lambda p, s: p * (1 + 0.4 * s),
        lambda p, s: 120 + (p - 120) * (1 - 0.6 * s),
        lambda p, s: p * (1 + s * np.array([0.3, 0.0, -0.3])),
        lambda p, s: p + s * (p.mean(axis=-1, keepdims=True) - p),
    ],
)
def test_light_replaces_nothing(light: Callable[[Picture, float], Picture]) -> None:
    ramp = [np.clip(light(RED, i / 19), 0, 255) for i in range(20)]
    assert largest(ramp) == 0
    swapped = [np.clip(light(p, i / 19), 0, 255) for i, p in enumerate(stepped(RED, GREEN))]
    assert largest(swapped) > 0.01
