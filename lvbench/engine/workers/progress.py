"""Report the progress of a run: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from typing import Self, TextIO

from lvbench.printing import visible

_PLAIN_SECONDS = 10.0
_LONGEST = 60 * 86_400.0


class Progress:
    """Receiver of the engine's progress; this one shows nothing. Use it as a context manager."""

    def start(self, videos: int, frames: int) -> None:
        """Take the totals of the work that now begins."""

    def frames(self, count: int) -> None:
        """Take the number of frames just done."""

    def video(self, name: str, note: str) -> None:
        """Take a video that was just done, with its outcome."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None


class PlainProgress(Progress):
    """Write a line for every video, and one every few seconds between videos."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._videos = self._of = self._frames = self._of_frames = 0
        self._started = self._last = time.monotonic()

    def start(self, videos: int, frames: int) -> None:
        """Take the totals of the work that now begins."""
        self._of, self._of_frames = videos, frames
        self._videos = self._frames = 0
        self._started = self._last = time.monotonic()

    def frames(self, count: int) -> None:
        """Take the number of frames just done."""
        self._frames += count
        if time.monotonic() - self._last >= _PLAIN_SECONDS:
            self._write("")

    def video(self, name: str, note: str) -> None:
        """Take a video that was just done."""
        self._videos += 1
        self._write(f"  {name}: {note}")

    def _write(self, text: str) -> None:
        self._last = time.monotonic()
        elapsed = self._last - self._started
        rate = self._frames / elapsed if elapsed > 0 else 0.0
        pace = f"{rate:.0f} frames/s{self._left(rate)}" if rate else "starting"
        print(f"[{self._videos}/{self._of}] {pace}{visible(text)}", file=self._stream, flush=True)

    def _left(self, rate: float) -> str:
        """Return the time left; empty where headers declare an absurd number of frames."""
        left = max(0.0, (self._of_frames - self._frames) / rate)
        return f", {left:.0f} s left" if left < _LONGEST else ""


class ProgressBar(Progress):
    """Draw a bar with frames per second and the time left."""

    def __init__(self) -> None:
        from rich import progress
        from rich.console import Console

        self._progress = progress.Progress(
            progress.TextColumn("{task.fields[videos]} videos"),
            progress.BarColumn(),
            progress.MofNCompleteColumn(),
            progress.TextColumn("frames, {task.fields[rate]} frames/s,"),
            progress.TimeRemainingColumn(),
            progress.TextColumn("left"),
            console=Console(stderr=True),
            transient=True,
        )
        self._done = self._of = 0
        self._began = time.monotonic()
        self._task = self._progress.add_task("", total=None, videos="0/0", rate="-")

    def start(self, videos: int, frames: int) -> None:
        """Take the totals, of what now begins."""
        self._of, self._done = videos, 0
        self._began = time.monotonic()
        self._progress.update(self._task, total=frames, completed=0, videos=f"0/{videos}")

    def frames(self, count: int) -> None:
        """Take the number of frames just done."""
        self._progress.advance(self._task, count)
        done = self._progress.tasks[0].completed
        rate = done / max(1e-9, time.monotonic() - self._began)
        self._progress.update(self._task, rate=f"{rate:.0f}")

    def video(self, name: str, note: str) -> None:
        """Take a video that was just done."""
        self._done += 1
        self._progress.update(self._task, videos=f"{self._done}/{self._of}")
        if note not in ("ok", "kept"):
            self._progress.console.print(visible(f"{name}: {note}"), markup=False, highlight=False)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()


def for_terminal() -> Progress:
    """Return a bar where standard error is a terminal, plain lines elsewhere."""
    return ProgressBar() if sys.stderr.isatty() else PlainProgress(sys.stderr)
