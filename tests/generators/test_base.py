"""A generator that yields frames: chunks become seams, and whatever it raises is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.errors import GeneratorError, StorageError
from lvbench.generators.base import Generator, GeneratorInfo, Request

REQUEST = Request("a", (), 1.0, 8.0, 32, 16, 0)


class Chunks(Generator):
    """Yield chunks of these lengths, then raise."""

    def __init__(
        self, *lengths: int, chunk_seconds: float | None = None, error: Exception | None = None
    ) -> None:
        self.info = GeneratorInfo("chunks", "1", "none", chunk_seconds=chunk_seconds)
        self.lengths, self.error = lengths, error

    def frames(self, request: Request) -> Iterator[NDArray[np.uint8]]:
        for length in self.lengths:
            yield np.zeros((length, request.height, request.width, 3), np.uint8)
        if self.error:
            raise self.error


def test_chunks_are_seams_where_the_generator_works_in_chunks(tmp_path: Path) -> None:
    clip = Chunks(4, 2, 2, chunk_seconds=0.5).make(REQUEST, tmp_path / "a.mp4")
    assert clip.seams == (0.5, 0.75)
    assert clip.cost["generated_seconds"] == 1.0


def test_chunks_are_no_seams_where_they_only_save_memory(tmp_path: Path) -> None:
    assert Chunks(4, 4).make(REQUEST, tmp_path / "a.mp4").seams == ()


@pytest.mark.parametrize(
    "generator",
    [Chunks(4, error=RuntimeError("CUDA out of memory")), Chunks()],
    ids=["raises", "yields nothing"],
)
def test_a_generator_that_fails_is_told_and_leaves_no_file(
    tmp_path: Path, generator: Generator
) -> None:
    with pytest.raises(GeneratorError) as caught:
        generator.make(REQUEST, tmp_path / "a.mp4")
    assert caught.value.where == "chunks"
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_not_the_generators_fault(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        Chunks(4).make(REQUEST, tmp_path / "none" / "a.mp4")
