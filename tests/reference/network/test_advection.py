"""What the frame before is moved to, against shifts by whole pixels."""

from __future__ import annotations

import pytest
import torch

from lvbench.reference.network.advection import advected, places

REACH = 2
SURE = 40.0


def one_place(row: int, column: int, size: int = 8) -> torch.Tensor:
    """Return logits that are sure of one place, `row` and `column` from a pixel's own."""
    logits = torch.full((1, 1, places(REACH), size, size), -SURE)
    logits[:, :, (row + REACH) * (2 * REACH + 1) + column + REACH] = SURE
    return logits


@pytest.mark.parametrize(("row", "column"), [(0, 0), (-2, 1), (2, -2), (1, 0)])
def test_a_sure_place_is_a_shift(row: int, column: int) -> None:
    frame = torch.rand(1, 1, 3, 8, 8)
    found = advected(frame, one_place(row, column), REACH)
    shifted = torch.roll(frame, (-row, -column), (-2, -1))
    inside = (..., slice(2, -2), slice(2, -2))
    torch.testing.assert_close(found[inside], shifted[inside])


def test_what_lies_beyond_the_edge_is_the_edge() -> None:
    frame = torch.rand(1, 1, 3, 8, 8)
    found = advected(frame, one_place(-1, 0), REACH)
    torch.testing.assert_close(found[..., 0, :], frame[..., 0, :])


def test_no_place_takes_nothing_and_even_places_take_the_mean() -> None:
    frame = torch.rand(1, 1, 3, 8, 8)
    nothing = torch.full((1, 1, places(REACH), 8, 8), -SURE)
    assert advected(frame, nothing, REACH).abs().max() < 1e-12
    even = advected(frame, torch.full_like(nothing, SURE), REACH)
    mean = torch.nn.functional.avg_pool2d(frame[0], 5, 1)
    torch.testing.assert_close(even[0, ..., 2:-2, 2:-2], mean)
