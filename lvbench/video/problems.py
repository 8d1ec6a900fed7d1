"""Build the VideoDecodeErrors of this package, so that each code has one wording."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version

from lvbench.errors import MissingDependencyError, VideoDecodeError

# 8K with room for the tall formats; larger frames would fill memory before any metric ran.
MAX_PIXELS = 8192 * 4320

# No file makes PyAV raise these: they say that PyAV does not have what lvbench calls.
_API_ERRORS = (TypeError, AttributeError, NameError, ImportError, NotImplementedError)

_MENDS = {
    "file_missing": "check the path, or the manifest line that names it",
    "permission_denied": "make the file readable for this user",
    "file_empty": "write the file again; the program that made it wrote nothing",
    "not_a_video": "give a video file (mp4, mov, mkv, webm, avi, ts, gif) or a folder of images",
    "raw_undescribed": "say what it holds: lvbench pair --raw yuv420p:WIDTHxHEIGHT@RATE",
    "no_video_stream": "give a file with a picture track",
    "no_frames": "write the file again; no picture in it can be decoded",
    "too_large": f"scale the video to at most {MAX_PIXELS} pixels per frame",
    "unreadable": "write the file again; its header is damaged or incomplete",
    "size_changed": "write all frames with one size",
    "raw_size": "correct the pixel format or the size, or write the file again",
}


def decode_error(code: str, path: object, found: str) -> VideoDecodeError:
    """Return the error of a stable `code` for the video at `path`."""
    return VideoDecodeError(
        "read the video", found=found, where=str(path), mend=_MENDS[code], code=code
    )


def require_sane_size(path: object, width: int, height: int) -> None:
    """Refuse frames that no metric could hold.

    Raises:
        VideoDecodeError: Code `too_large`.
    """
    if width * height > MAX_PIXELS:
        raise decode_error("too_large", path, f"frames of {width}x{height} pixels")


def blame_file(error: Exception) -> None:
    """Raise if `error` comes from PyAV's interface, which no file is to blame for.

    Raises:
        MissingDependencyError: Code `decoder_unsupported`.
    """
    from av.error import FFmpegError

    if isinstance(error, _API_ERRORS) and not isinstance(error, FFmpegError):
        raise MissingDependencyError(
            "decode with PyAV",
            found=f"PyAV {version('av')} refuses a call: {type(error).__name__}: {error}",
            where="package av",
            mend="install a version that lvbench supports: pip install 'av>=17,<20'; then run "
            "lvbench doctor",
            code="decoder_unsupported",
        ) from error


@contextmanager
def reading(path: object) -> Iterator[None]:
    """Turn the system's refusals inside the block into errors with a code.

    Raises:
        VideoDecodeError: Codes `file_missing`, `permission_denied`, `unreadable`.
    """
    try:
        yield
    except FileNotFoundError as error:
        raise decode_error("file_missing", path, "no file of that name") from error
    except PermissionError as error:
        raise decode_error("permission_denied", path, "no permission to read it") from error
    except OSError as error:
        raise decode_error("unreadable", path, f"the system says: {error}") from error
