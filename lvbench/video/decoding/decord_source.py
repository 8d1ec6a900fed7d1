"""Decode plain 8-bit h264 with decord, as a second opinion on PyAV's frames.

Not for everyday use: decord's queues have no limit (gigabytes after one frame when the consumer
is slow), it can hang forever on damaged files, ignores edit lists and opens neither AV1 nor
GIF. Run it in a child process with a time limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lvbench.errors import MissingDependencyError, UsageError
from lvbench.video.decoding.picture import Picture
from lvbench.video.frames import Products
from lvbench.video.info import VideoInfo
from lvbench.video.outcome import DecodeOutcome, Evidence, outcome_of
from lvbench.video.problems import decode_error


class DecordSource:
    """Decode the RGB pictures of one file in order; rotation is decord's own.

    Args:
        info: What PyAV states of the file.
        path: The file.
        products: The pictures to make of every frame; decord makes `rgb` alone.
        threads: Decoder threads.

    Raises:
        UsageError: If any product but `rgb` is requested: decord gives no luma plane.
        MissingDependencyError: If decord is not installed.
        VideoDecodeError: If PyAV cannot describe the file, or decord cannot open it.
    """

    def __init__(self, info: VideoInfo, path: Path, products: Products, threads: int = 1) -> None:
        if products.luma or products.small or products.planes:
            raise UsageError(
                "decode with decord",
                found="a product other than rgb was requested",
                where=str(path),
                fix='use backend="pyav", which makes all products',
            )
        decord = _import_decord()
        self.info, self._evidence = info, Evidence()
        try:
            self._reader = decord.VideoReader(str(path), ctx=decord.cpu(0), num_threads=threads)
            starts = [
                span[0] for span in self._reader.get_frame_timestamp(range(len(self._reader)))
            ]
        except Exception as error:
            raise decode_error("unreadable", path, f"decord cannot open it ({error})") from error
        self._times = [float(start - starts[0]) for start in starts]

    def pictures(self) -> Iterator[Picture]:
        """Yield every frame; a failure of decord ends the video and counts as damage."""
        for time in self._times:
            try:
                rgb = self._reader.next().asnumpy()
            except StopIteration:
                return
            except Exception:
                self._evidence.decode_errors += 1
                return
            self._evidence.saw(time)
            yield Picture(time, None, None, rgb)

    def outcome(self) -> DecodeOutcome:
        """Return the outcome of decoding so far."""
        self._evidence.frames_expected = len(self._times)
        return outcome_of(self._evidence, self.info)

    def close(self) -> None:
        """Drop the reader and its queues."""
        self._reader = None


def _import_decord() -> Any:
    try:
        import decord
    except ImportError as error:
        raise MissingDependencyError(
            "decode with decord",
            found="decord is not installed",
            where="backend",
            fix='pip install "lvbench[decord]", or use backend="pyav"',
        ) from error
    return decord
