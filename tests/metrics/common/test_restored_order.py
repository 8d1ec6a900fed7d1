from __future__ import annotations

import numpy as np
import pytest

from lvbench.metrics.common.restored_order import Link, displacement

WINDOW = 10


def links(order: list[int]) -> list[Link]:
    """Return the links of windows that are shown in this order."""
    place = {window: i for i, window in enumerate(order)}
    return [
        (1.0, WINDOW * (place[k] + 1) - 1, WINDOW * place[k + 1])
        for k in range(len(order) - 1)
        if place[k + 1] != place[k] + 1
    ]


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_it_is_the_mean_distance_from_the_true_places(seed: int) -> None:
    order = np.random.default_rng(seed).permutation(12).tolist()
    away = np.mean([abs(window - i) for i, window in enumerate(order)])
    assert displacement(120, links(order), []) == pytest.approx(away / (12 / 3))


def test_an_order_without_links_stays() -> None:
    assert displacement(120, [], []) == 0.0
    assert displacement(120, [(1.0, 39, 40)], []) == 0.0


def test_the_nearest_links_count_and_none_closes_a_ring() -> None:
    wanted = links([0, 2, 1, 3])
    wrong: list[Link] = [(2.0, 9, 30), (2.0, 39, 0), (3.0, 29, 0)]
    assert displacement(40, [*wrong, *wanted], []) == displacement(40, wanted, [])


def test_a_part_played_backwards_is_displaced_by_half_its_length() -> None:
    assert displacement(120, [], [40]) == pytest.approx(3 * (80**2 / 2) / 120**2)
