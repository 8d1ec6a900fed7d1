"""Seams lie within the clip; those told beside a file are read in test_command."""

from __future__ import annotations

from pathlib import Path

import pytest

from lvbench.errors import GeneratorError
from lvbench.generators.contract.seams import even_seams, told_path, told_seams


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


@pytest.mark.parametrize("depth", [100, 10**5])
def test_seams_nested_deep_set_the_clip_aside(tmp_path: Path, depth: int) -> None:
    clip = tmp_path / "a.mp4"
    clip.write_bytes(b"clip")
    told_path(clip).write_text('{"seams": [1.0], "more": ' + "[" * depth + "]" * depth + "}")
    with pytest.raises(GeneratorError, match="nested deeper than 64"):
        told_seams(clip)
    assert [p.name for p in tmp_path.glob("*.rejected")] == ["a.mp4.rejected"]
