from __future__ import annotations

import numpy as np
import pytest

from lvbench.metrics.common.anchor_frames import ReferenceBank, from_typical_start
from lvbench.metrics.common.segments import Segments

RIGHT, UP = np.array([1.0, 0.0]), np.array([0.0, 1.0])
BETWEEN = np.array([0.6, 0.8])


def test_a_vector_counts_by_the_closest_of_the_bank() -> None:
    bank = ReferenceBank(2.0)
    assert bank.compare(RIGHT) is None
    bank.add(5.0, RIGHT)
    assert bank.compare(UP) == 0.0
    bank.add(5.5, BETWEEN)
    assert bank.compare(UP) == pytest.approx(0.8)
    assert bank.times == [5.0, 5.5]


def test_it_fills_from_its_first_vector() -> None:
    bank = ReferenceBank(2.0)
    assert bank.fills(100.0)
    bank.add(100.0, RIGHT)
    assert bank.fills(101.9)
    assert not bank.fills(102.0)


def test_its_own_vectors_are_compared_with_the_others() -> None:
    bank = ReferenceBank(2.0)
    assert bank.among_themselves() == []
    bank.add(0.0, RIGHT)
    assert bank.among_themselves() == []
    bank.add(0.5, BETWEEN)
    bank.add(1.0, UP)
    assert bank.among_themselves() == pytest.approx([0.6, 0.8, 0.8])


def test_a_half_life_starts_from_what_is_typical_of_the_first_seconds() -> None:
    series = Segments(np.arange(5) / 2, np.array([0.6, 0.9, 0.8, 0.9, 0.1]))
    assert from_typical_start(series, 2.0).y.tolist() == [pytest.approx(0.85), 0.9, 0.8, 0.9, 0.1]
    assert series.y[0] == 0.6
    assert not len(from_typical_start(Segments(np.empty(0), np.empty(0)), 2.0).y)
