"""Read a video as its distinct pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lvbench.video.decoding.decode import VideoReader
from lvbench.video.frames import Frames
from lvbench.video.outcome import DecodeOutcome
from lvbench.video.timing.presentation import Presentation, Presenter, Survey


class PresentedReader:
    """Yield the distinct pictures of a video in chunks, once, at their own times.

    Args:
        reader: The video.
        presentation: What it shows.

    Attributes:
        info: What the container says, with the usual number of pictures per second as its rate.
    """

    def __init__(self, reader: VideoReader, presentation: Presentation) -> None:
        self._reader, self._presentation = reader, presentation
        self.info = replace(reader.info, fps=presentation.rate_near(reader.info.fps))

    @property
    def outcome(self) -> DecodeOutcome:
        """Return how decoding went; there is none before the last chunk was read."""
        return self._reader.outcome

    def __iter__(self) -> Iterator[Frames]:
        present = Presenter(self._presentation)
        for chunk in self._reader:
            pictures = present(chunk)
            if len(pictures):
                yield pictures


def presentation_of(reader: VideoReader, max_frames: int | None = None) -> Presentation:
    """Return what a video shows: a pass over all its frames, whose luma the reader gives.

    Args:
        reader: The video, opened for luma.
        max_frames: Stop after the chunk that reaches so many frames.
    """
    seen = Survey()
    for chunk in reader:
        seen.add(chunk)
        if max_frames is not None and seen.frames >= max_frames:
            return seen.presentation(float(chunk.pts[-1]))
    return seen.presentation(reader.outcome.duration)
