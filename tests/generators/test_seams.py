"""Seams lie within the clip; those told beside a file are read in test_command."""

from __future__ import annotations

import pytest

from lvbench.generators.seams import even_seams


@pytest.mark.parametrize(
    ("every", "seconds", "found"),
    [
        (2.0, 6.0, (2.0, 4.0)),
        (2.0, 6.5, (2.0, 4.0, 6.0)),
        (2.0, 2.0, ()),
        (3.0, 2.0, ()),
        (0.1, 0.3, pytest.approx((0.1, 0.2))),
    ],
)
def test_even_seams_lie_within_the_clip(
    every: float, seconds: float, found: tuple[float, ...]
) -> None:
    assert even_seams(every, seconds) == found
