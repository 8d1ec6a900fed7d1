"""Read a folder of numbered pictures as a video."""

from __future__ import annotations

import os
import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from itertools import chain, islice, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from lvbench.errors import UsageError, VideoDecodeError
from lvbench.video.containers.chains import png_fault
from lvbench.video.decoding import colour
from lvbench.video.decoding.images import image_files, image_size
from lvbench.video.decoding.picture import Picture
from lvbench.video.frames import Products
from lvbench.video.info import VideoInfo
from lvbench.video.outcome import DecodeOutcome, Evidence, outcome_of
from lvbench.video.problems import decode_error, reading, require_regular, require_sane_size

if TYPE_CHECKING:
    from av.video.reformatter import VideoReformatter

_JPEG = b"\xff\xd8"
_NUMBER = re.compile(r"(\d+)")
# libjpeg goes on decoding after each of these: the beginnings of its warnings (jerror.h).
_WARNING = re.compile(
    rb"^(Corrupt JPEG data|Premature end of JPEG file|Invalid SOS parameters|"
    rb"Inconsistent progression sequence|Application transferred too many scanlines)[^\n]*\n?",
    re.MULTILINE,
)
_ONE_AT_A_TIME = threading.Lock()
DEFAULT_RATE = 24.0  # Hz; pictures carry no times


class ImageSequenceSource:
    """Decode the pictures of a folder, ordered by the numbers in their names.

    Frame k is shown at k / fps, where k counts the files; a picture that cannot be read leaves a
    gap and counts as damage.

    Args:
        path: The folder; png, jpg, webp, tif and bmp are read, 16 bits reduced to 8.
        products: The pictures to make of every frame.
        fps: Rate in Hz; 24 if None.

    Raises:
        VideoDecodeError: Codes `not_a_video` (no pictures), `no_frames` (none is readable),
            `permission_denied`, `too_large`.
        UsageError: If `fps` is not a positive number.
    """

    def __init__(self, path: Path, products: Products, fps: float | None = None) -> None:
        from av.video.reformatter import VideoReformatter

        rate = DEFAULT_RATE if fps is None else fps
        if not 0 < rate < float("inf"):
            raise UsageError(
                "time the pictures", found=f"fps = {fps}", where=str(path), fix="give fps > 0"
            )
        self._path, self._products, self._rate = path, products, rate
        self._files = _listed(path)
        self._evidence = Evidence(last_interval=1 / rate, gaps=_missing_numbers(self._files))
        self._reformatter = VideoReformatter()
        self._read = self._pictures_read()
        first = next(self._read, None)
        if first is None:
            raise decode_error(
                "no_frames", path, f"none of {len(self._files)} pictures is readable"
            )
        self._first = first
        self.info = self._describe(first[1])

    def pictures(self) -> Iterator[Picture]:
        """Yield every picture's products."""
        height, width = self._first[1].shape[:2]
        yield self._picture(*self._first)
        for time, rgb in self._read:
            if rgb.shape[:2] != (height, width):  # turned by its own tag
                self._size_change((width, height), (rgb.shape[1], rgb.shape[0]), time)
                return
            yield self._picture(time, rgb)

    def outcome(self) -> DecodeOutcome:
        """Return the outcome of decoding so far."""
        return outcome_of(self._evidence, self.info)

    def close(self) -> None:
        """Do nothing: no file stays open between pictures."""

    def _picture(self, time: float, rgb: NDArray[np.uint8]) -> Picture:
        self._evidence.saw(time, 1 / self._rate)
        return picture_of_rgb(time, rgb, self._products, self._reformatter)

    def _pictures_read(self) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        """Yield time and pixels; the size is read from the header before a picture is decoded."""
        first: tuple[int, int] | None = None
        for index, file in enumerate(self._files):
            size = _stated_size(file)
            if size is not None and first not in (None, size):
                assert first is not None
                self._size_change(first, size, index / self._rate)
                return
            if size is not None:
                require_sane_size(file, *size)
            rgb, complaint = (None, "no picture") if size is None else _read_rgb(file)
            if complaint:
                self._evidence.log_errors += 1
                self._evidence.log_first = self._evidence.log_first or f"{file.name}: {complaint}"
            if rgb is None:
                self._evidence.decode_errors += 1
                continue
            first = size
            yield index / self._rate, rgb

    def _size_change(self, old: tuple[int, int], new: tuple[int, int], time: float) -> None:
        self._evidence.size_change = f"{old[0]}x{old[1]} became {new[0]}x{new[1]} at {time:.3f} s"

    def _describe(self, rgb: NDArray[np.uint8]) -> VideoInfo:
        height, width = rgb.shape[:2]
        return VideoInfo(
            path=str(self._path),
            width=width,
            height=height,
            codec=self._files[0].suffix.lower().lstrip("."),
            pixel_format="rgb24",
            bit_depth=8,
            fps=self._rate,
            duration=len(self._files) / self._rate,
            frames_declared=len(self._files),
            rotation=0,
            colour_space="rgb",
            colour_tagged=True,
            colour_range="full",
            has_audio=False,
            container="images",
            start=0.0,
        )


def _listed(path: Path) -> list[Path]:
    with reading(path):
        files = image_files(path)
    if not files:
        raise decode_error("not_a_video", path, "a folder without pictures")
    return files


def _stated_size(file: Path) -> tuple[int, int] | None:
    """Return the size in a picture's header; None where the picture cannot be read."""
    try:
        require_regular(file)
        return image_size(file)
    except (OSError, VideoDecodeError):
        return None


def _read_rgb(file: Path) -> tuple[NDArray[np.uint8] | None, str]:
    """Return the picture, if it can be read, and what is wrong with the file."""
    try:
        # Bytes rather than the path: OpenCV cannot open every name that the system allows.
        coded = np.frombuffer(file.read_bytes(), dtype=np.uint8)
        complaint = png_fault(file)
        heard: list[str] = []
        with jpeg_complaints(heard) if coded[:2].tobytes() == _JPEG else nullcontext():
            stored = cv2.imdecode(coded, cv2.IMREAD_COLOR) if coded.size else None
    except (OSError, cv2.error, MemoryError) as error:
        return None, type(error).__name__
    complaint = complaint or "; ".join(f"libjpeg: {line}" for line in heard[:1])
    if stored is None:
        return None, complaint or "it cannot be decoded"
    return np.ascontiguousarray(stored[..., ::-1], dtype=np.uint8), complaint


@contextmanager
def jpeg_complaints(heard: list[str]) -> Iterator[None]:
    """Add libjpeg's warnings inside the block to a list.

    OpenCV lets libjpeg print them on standard error; all other output there is passed on.
    """
    with _ONE_AT_A_TIME, tempfile.TemporaryFile() as caught:
        kept = os.dup(2)
        os.dup2(caught.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            caught.seek(0)
            said = caught.read()
            heard += [found[0].decode("latin-1").strip() for found in _WARNING.finditer(said)]
            if other := _WARNING.sub(b"", said):
                os.write(2, other)


def _missing_numbers(files: list[Path]) -> str:
    """Return which pictures are missing, or an empty string.

    Names that are alike but for one number, all of whose steps are multiples of the smallest one,
    count pictures. Nothing follows from other names.
    """
    parts = [_NUMBER.split(file.name) for file in files]
    if len(files) < 3 or len({len(part) for part in parts}) > 1:
        return ""
    width = len(parts[0])
    varying = [k for k in range(width) if len({_value(part, k) for part in parts}) > 1]
    if len(varying) != 1 or varying[0] % 2 == 0:
        return ""
    numbers = [int(part[varying[0]]) for part in parts]
    steps = [b - a for a, b in pairwise(numbers)]
    step = min(steps)
    if step <= 0 or any(s % step for s in steps):
        return ""
    count = (numbers[-1] - numbers[0]) // step + 1 - len(numbers)
    if not count:
        return ""
    holes = (range(a + step, b, step) for a, b in pairwise(numbers))
    shown = ", ".join(str(n) for n in islice(chain.from_iterable(holes), 5))
    more = ", ..." if count > 5 else ""
    return f"{count} pictures are missing from the numbers of the files: {shown}{more}"


def _value(parts: list[str], k: int) -> int | str:
    return int(parts[k]) if k % 2 else parts[k]


def picture_of_rgb(
    time: float, rgb: NDArray[np.uint8], wanted: Products, reformatter: VideoReformatter
) -> Picture:
    """Return the products of one RGB picture, `uint8 (H, W, 3)`."""
    from av import VideoFrame

    small = None
    if wanted.small:
        height, width = rgb.shape[:2]
        frame = VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
        size = colour.small_size(width, height, wanted.small)
        small = colour.small_rgb(frame, reformatter, *size)
    luma = colour.luma_of_rgb(rgb) if wanted.luma else None
    planes = colour.planes_of_rgb(rgb) if wanted.planes else None
    return Picture(time, luma, small, rgb if wanted.rgb else None, planes)
