"""Read an animated WebP or PNG as a video, with Pillow: FFmpeg cannot read animated WebP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lvbench.video.containers.chains import png_fault, riff_fault, webp_frames
from lvbench.video.containers.container_end import missing_end
from lvbench.video.decoding.image_sequence import picture_of_rgb
from lvbench.video.decoding.picture import Picture
from lvbench.video.frames import Products
from lvbench.video.info import VideoInfo
from lvbench.video.outcome import DecodeOutcome, Evidence, outcome_of
from lvbench.video.problems import decode_error, reading, require_sane_size

if TYPE_CHECKING:
    from PIL.Image import Image

# As every browser does: a shorter duration than it can show becomes a tenth of a second.
_SHORTEST, _INSTEAD = 0.010, 0.100


class AnimatedSource:
    """Decode the frames of one animated WebP or PNG file, composed as a browser shows them.

    Each frame has its own duration. One of 10 ms or less counts as 100 ms, as in browsers.
    Transparent pixels show the colour below.

    Args:
        path: The file.
        products: The pictures to make of every frame.

    Raises:
        VideoDecodeError: Codes `file_missing`, `permission_denied`, `unreadable`, `too_large`,
            `no_frames`.
    """

    def __init__(self, path: Path, products: Products) -> None:
        from av.video.reformatter import VideoReformatter

        self._path, self._products = path, products
        self._reformatter = VideoReformatter()
        self._evidence = Evidence(missing_end=missing_end(path))
        with reading(path):
            self._evidence.index_fault = png_fault(path) or riff_fault(path)
        self._image = self._opened()
        self._frames = self._decoded()
        first = next(self._frames, None)
        if first is None:
            self.close()
            raise decode_error("no_frames", path, "not one frame can be decoded")
        self._first = first
        self.info = self._describe()

    def pictures(self) -> Iterator[Picture]:
        """Yield every frame's products."""
        yield self._picture(*self._first)
        for frame in self._frames:
            yield self._picture(*frame)

    def outcome(self) -> DecodeOutcome:
        """Return the outcome of decoding so far."""
        return outcome_of(self._evidence, self.info)

    def close(self) -> None:
        """Close the file; harmless when called again."""
        self._image.close()

    def _opened(self) -> Image:
        from PIL import Image

        try:
            image = Image.open(self._path, formats=("WEBP", "PNG"))
        except Image.DecompressionBombError as error:
            raise decode_error("too_large", self._path, str(error)) from error
        except Exception as error:  # Pillow leaks SyntaxError, ValueError, struct.error, ...
            found = self._evidence.missing_end or f"Pillow cannot open it ({error})"
            raise decode_error("unreadable", self._path, found) from error
        try:
            require_sane_size(self._path, *image.size)
        except BaseException:
            image.close()
            raise
        self._readable = int(getattr(image, "n_frames", 1))
        self._evidence.frames_expected = max(self._readable, webp_frames(self._path))
        return image

    def _decoded(self) -> Iterator[tuple[float, float, NDArray[np.uint8]]]:
        """Yield time, seconds shown and pixels of every frame."""
        time = 0.0
        for index in range(self._readable):
            try:
                self._image.seek(index)
                rgb = np.asarray(self._image.convert("RGB"))
                seconds = float(self._image.info.get("duration", 0.0)) / 1000
            except Exception as error:
                self._evidence.decode_errors += 1
                self._evidence.log_first = self._evidence.log_first or f"Pillow: {error}"
                return
            seconds = seconds if seconds > _SHORTEST else _INSTEAD
            yield time, seconds, rgb
            time += seconds

    def _picture(self, time: float, seconds: float, rgb: NDArray[np.uint8]) -> Picture:
        self._evidence.saw(time, seconds)
        return picture_of_rgb(time, rgb, self._products, self._reformatter)

    def _describe(self) -> VideoInfo:
        image, count = self._image, self._evidence.frames_expected
        width, height = image.size
        alpha = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
        return VideoInfo(
            path=str(self._path),
            width=width,
            height=height,
            codec=(image.format or "").lower(),
            pixel_format="rgba" if alpha else "rgb24",
            bit_depth=8,
            fps=None,
            duration=None,
            frames_declared=count,
            rotation=0,
            colour_space="rgb",
            colour_tagged=True,
            colour_range="full",
            has_audio=False,
            container="webp" if image.format == "WEBP" else "apng",
            start=0.0,
            flags=("alpha_dropped",) if alpha and _see_through(image) else (),
        )


def _see_through(image: Image) -> bool:
    return bool(np.asarray(image.convert("RGBA"))[..., 3].min() < 255)
