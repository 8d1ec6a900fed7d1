"""Read a folder of numbered pictures as a video."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from lvbench.errors import UsageError
from lvbench.video import colour
from lvbench.video.frames import Products
from lvbench.video.images import image_files
from lvbench.video.info import VideoInfo
from lvbench.video.outcome import DecodeOutcome, Evidence, judge
from lvbench.video.picture import Picture
from lvbench.video.planes import planes_of_rgb
from lvbench.video.problems import decode_error, reading, require_sane_size

DEFAULT_RATE = 24.0  # Hz; pictures carry no times


class ImageSequenceSource:
    """Give the pictures of a folder, ordered by the numbers in their names.

    Frame k is shown at k / fps, where k counts the files; a picture that cannot be read leaves
    its place empty and is counted as damage.

    Args:
        path: The folder; png, jpg, webp, tif and bmp are read, 16 bits reduced to 8.
        products: The pictures wanted of every frame.
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
                "time the pictures", found=f"fps = {fps}", where=str(path), mend="give fps > 0"
            )
        self._path, self._products, self._rate = path, products, rate
        self._files = _listed(path)
        self._evidence = Evidence(last_interval=1 / rate)
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
        size = self._first[1].shape
        yield self._picture(*self._first)
        for time, rgb in self._read:
            if rgb.shape != size:
                self._evidence.size_change = (
                    f"{size[1]}x{size[0]} became {rgb.shape[1]}x{rgb.shape[0]} at {time:.3f} s"
                )
                return
            yield self._picture(time, rgb)

    def outcome(self) -> DecodeOutcome:
        """Return the judgement on what was read so far."""
        return judge(self._evidence, self.info)

    def close(self) -> None:
        """Do nothing: no file stays open between pictures."""

    def _picture(self, time: float, rgb: NDArray[np.uint8]) -> Picture:
        from av import VideoFrame

        self._evidence.saw(time, 1 / self._rate)
        wanted = self._products
        small = None
        if wanted.small:
            height, width = rgb.shape[:2]
            frame = VideoFrame.from_ndarray(rgb, format="rgb24")
            size = colour.small_size(width, height, wanted.small)
            small = colour.small_rgb(frame, self._reformatter, *size)
        luma = colour.luma_of_rgb(rgb) if wanted.luma else None
        planes = planes_of_rgb(rgb) if wanted.planes else None
        return Picture(time, luma, small, rgb if wanted.rgb else None, planes)

    def _pictures_read(self) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        for index, file in enumerate(self._files):
            rgb = _read_rgb(file)
            if rgb is None:
                self._evidence.decode_errors += 1
                continue
            require_sane_size(file, rgb.shape[1], rgb.shape[0])
            yield index / self._rate, rgb

    def _describe(self, rgb: NDArray[np.uint8]) -> VideoInfo:
        height, width = rgb.shape[:2]
        return VideoInfo(
            path=str(self._path),
            width=width,
            height=height,
            stored_width=width,
            stored_height=height,
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


def _read_rgb(file: Path) -> NDArray[np.uint8] | None:
    try:
        # Bytes rather than the path: OpenCV cannot open every name that the system allows.
        coded = np.frombuffer(file.read_bytes(), dtype=np.uint8)
        stored = cv2.imdecode(coded, cv2.IMREAD_COLOR) if coded.size else None
    except (OSError, cv2.error, MemoryError):
        return None
    if stored is None:
        return None
    return np.ascontiguousarray(stored[..., ::-1], dtype=np.uint8)
