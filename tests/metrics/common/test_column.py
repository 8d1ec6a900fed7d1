from __future__ import annotations

import numpy as np

from lvbench.metrics.common.column import Column


def test_numbers_come_back_in_order_whatever_they_came_in() -> None:
    column = Column()
    column.append(0.5)
    column.extend(np.array([[1, 2], [3, 4]], np.float32).T)
    column.extend([5.0, 6.0])
    assert column.values().tolist() == [0.5, 1, 3, 2, 4, 5, 6]
    assert len(column) == 7


def test_values_are_a_copy_and_the_column_goes_on_growing() -> None:
    column = Column()
    column.append(1.0)
    before = column.values()
    column.append(2.0)
    assert before.tolist() == [1.0]
    assert Column().values().shape == (0,)
