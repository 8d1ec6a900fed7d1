from __future__ import annotations

import numpy as np
import pytest

from lvbench.metrics.common.view import View


def moved(*steps: tuple[float, float, float]) -> View:
    view = View()
    for step in steps:
        view.move(np.array([*step, 0.0]), 1.0)
    return view


@pytest.mark.parametrize(
    ("steps", "overlap"),
    [
        ([], 1.0),
        ([(0.25, 0.0, 0.0)], 0.75),
        ([(0.25, 0.0, 0.0), (0.0, -0.5, 0.0)], 0.375),
        ([(0.4, 0.0, 0.0), (-0.4, 0.0, 0.0)], 1.0),
        ([(1.5, 0.0, 0.0)], 0.0),
        ([(0.0, 0.0, np.log(2))], 0.25),
        ([(0.0, 0.0, -np.log(2))], 0.25),
        # Half a view of what is twice as large is a quarter of the earlier view.
        ([(0.0, 0.0, np.log(2)), (0.5, 0.0, 0.0)], 0.25),
        ([(0.0, 0.0, np.log(2)), (1.0, 0.0, 0.0)], 0.125),
    ],
)
def test_what_two_views_share(steps: list[tuple[float, float, float]], overlap: float) -> None:
    assert moved(*steps).overlap() == pytest.approx(overlap)
