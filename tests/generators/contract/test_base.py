"""A generator that yields frames: chunks become seams, and whatever it raises is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.errors import (
    ConfigError,
    GeneratorError,
    LvbenchError,
    MissingDependencyError,
    StorageError,
    WeightsError,
)
from lvbench.generators.contract.base import (
    ArrayGenerator,
    Clip,
    FileGenerator,
    Generator,
    GeneratorInfo,
    Request,
    failure,
)
from lvbench.video.audio.decode import AudioReader
from lvbench.video.audio.encode import mono
from lvbench.video.audio.samples import AudioBlock

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


def test_a_clip_that_is_shorter_than_planned_is_no_clip(tmp_path: Path) -> None:
    with pytest.raises(GeneratorError) as caught:
        Chunks(4, 3).make(REQUEST, tmp_path / "a.mp4")
    assert caught.value.code == "clip_truncated"
    assert list(tmp_path.iterdir()) == []


def test_a_full_memory_has_a_code_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(GeneratorError) as caught:
        Chunks(4, error=MemoryError()).make(REQUEST, tmp_path / "a.mp4")
    assert caught.value.code == "generator_out_of_memory"


@pytest.mark.parametrize("kind", [WeightsError, MissingDependencyError])
def test_what_is_missing_for_all_clips_is_no_clips_failure(
    tmp_path: Path, kind: type[LvbenchError]
) -> None:
    missing = kind("load", found="x", where="y", fix="z")
    with pytest.raises(kind):
        Chunks(4, error=missing).make(REQUEST, tmp_path / "a.mp4")


class Whole(ArrayGenerator):
    info = GeneratorInfo("whole", "1", "none", streams=False)

    def clip(self, request: Request) -> object:
        return np.full((1, 8, request.height, request.width, 3), 0.5, np.float32)


def test_a_whole_clip_is_sliced_and_rounded(tmp_path: Path) -> None:
    [chunk] = Whole().frames(REQUEST)
    np.testing.assert_array_equal(chunk, np.full((8, 16, 32, 3), 128, np.uint8))
    assert Whole().make(REQUEST, tmp_path / "a.mp4").seams == ()


class Ringing(Chunks):
    def audio(self, request: Request) -> Iterator[AudioBlock]:
        return mono([np.zeros(8000, np.float32), np.ones(8000, np.float32)], 16000)


def test_sound_is_written_beside_the_pictures(tmp_path: Path) -> None:
    clip = Ringing(8).make(REQUEST, tmp_path / "a.mp4")
    with AudioReader(clip.path) as reader:
        heard = np.concatenate([audio.samples[:, 0] for audio in reader])
    assert len(heard) == 16000
    assert (heard[:8000].max(), heard[8000:].min()) == (0, pytest.approx(1, abs=1e-4))


class Written(FileGenerator):
    info = GeneratorInfo("written", "1", "none", streams=False)

    def make(self, request: Request, path: Path) -> Clip:
        return Chunks(4, 4).make(request, path)


def test_frames_of_what_writes_files_are_those_of_the_file() -> None:
    assert np.concatenate(list(Written().frames(REQUEST))).shape == (8, 16, 32, 3)


INFO = GeneratorInfo("model", "1", "none")
REQUEST = Request("a", (), 1.0, 8.0, 32, 16, 0)
OutOfMemoryError = type("OutOfMemoryError", (RuntimeError,), {})


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RuntimeError("CUDA error"), "generator_failed"),
        (MemoryError(), "generator_out_of_memory"),
        (OutOfMemoryError("CUDA out of memory"), "generator_out_of_memory"),
        (TimeoutError("too late"), "generator_timeout"),
    ],
)
def test_the_code_says_what_kind_it_was(error: Exception, code: str) -> None:
    found = failure(error, INFO, REQUEST)
    assert found.code == code
    assert type(error).__name__ in found.found
    assert found.where == "model"


def test_an_error_of_our_own_keeps_its_parts() -> None:
    given = ConfigError("read", found="this", where="there", fix="so", code="not_world_text")
    found = failure(given, INFO, REQUEST)
    assert (found.found, found.where, found.fix) == ("this", "there", "so")
    assert found.code == "not_world_text"
    assert found.asked == "make the clip 'a'"
