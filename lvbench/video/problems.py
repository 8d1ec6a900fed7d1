"""Build the VideoDecodeErrors of this package, so that each code has one wording."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from lvbench.errors import MissingDependencyError, VideoDecodeError

# 8K with room for the tall formats; larger frames would fill memory before any metric ran.
MAX_PIXELS = 8192 * 4320
_SPARSE_BYTES = 1 << 30  # smaller files are read in a second, holes and all

# No file makes PyAV raise these: the installed PyAV lacks, or does not implement, a function that
# lvbench calls.
_API_ERRORS = (TypeError, AttributeError, NameError, ImportError, NotImplementedError)

_FIXES = {
    "file_missing": "check the path, or the manifest line that names it",
    "not_regular": "give a regular file; save the output of a pipe or a device to a file",
    "sparse_file": "copy or download the file again: most of it was never written",
    "file_changed": "wait until nothing writes to the file, then run again",
    "permission_denied": "make the file readable for this user",
    "file_empty": "write the file again; the program that made it wrote nothing",
    "not_a_video": "give a video file (mp4, mov, mkv, webm, avi, ts, gif) or a folder of images",
    "raw_undescribed": "describe its format: lvbench pair --raw yuv420p:WIDTHxHEIGHT@RATE",
    "no_rate": "write the stream into a container that keeps times (mp4, mkv)",
    "no_video_stream": "give a file with a picture track",
    "no_frames": "write the file again; no picture in it can be decoded",
    "too_large": f"scale the video to at most {MAX_PIXELS} pixels per frame (8192x4320)",
    "unreadable": "write the file again; its header is damaged or incomplete",
    "size_changed": "write all frames with one size",
    "raw_size": "correct the pixel format or the size, or write the file again",
}


def decode_error(code: str, path: object, found: str) -> VideoDecodeError:
    """Return the error of a stable `code` for the video at `path`."""
    fix = _FIXES[code]
    if code == "file_missing":
        fix = _other_spelling(str(path)) or fix
    return VideoDecodeError("read the video", found=found, where=str(path), fix=fix, code=code)


def _other_spelling(path: str) -> str:
    """Return a hint where a missing path is in the notation of another system."""
    if "\\" in path or re.search(r"(^|/)[A-Za-z]:(/|$)", path):
        return "write the path with / between folders and without a drive letter"
    if re.search(r"(^|/)~", path):
        return "write the home folder in full: ~ is not expanded here"
    return ""


def require_regular(path: str | os.PathLike[str]) -> os.stat_result:
    """Return a file's status; refuse anything but a regular file.

    Call it before the file is opened: opening a named pipe waits for a writer, and a device may
    have no end.

    Raises:
        VideoDecodeError: Codes `not_regular` (a pipe, device, socket or folder), `sparse_file`
            (more than half of a large file was never written), `file_missing`,
            `permission_denied`, `unreadable`.
    """
    with reading(path):
        status = Path(path).stat()
        if not stat.S_ISREG(status.st_mode):
            raise decode_error("not_regular", path, f"{kind_of(status.st_mode)}, not a file")
        if _mostly_holes(path, status):
            found = (
                f"{status.st_size:,} bytes by its size, of which "
                f"{512 * status.st_blocks:,} were ever written"
            )
            raise decode_error("sparse_file", path, found)
    return status


def kind_of(mode: int) -> str:
    """Return the kind of file by its mode, in words."""
    kinds = {
        stat.S_IFREG: "a file",
        stat.S_IFDIR: "a folder",
        stat.S_IFIFO: "a named pipe",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
        stat.S_IFSOCK: "a socket",
    }
    return kinds.get(stat.S_IFMT(mode), "a special file")


def _mostly_holes(path: str | os.PathLike[str], status: os.stat_result) -> bool:
    """Return whether more than half of a large file is holes.

    The number of blocks is no proof: a file system that compresses uses few for a complete file.
    """
    size = status.st_size
    if size <= _SPARSE_BYTES or 2 * 512 * status.st_blocks >= size:
        return False
    at = written = 0
    with Path(path).open("rb") as file:
        while at < size and 2 * written < size:
            try:
                start = os.lseek(file.fileno(), at, os.SEEK_DATA)
            except OSError:  # nothing but a hole from here on
                break
            at = os.lseek(file.fileno(), start, os.SEEK_HOLE)
            written += at - start
    return 2 * written < size


def require_sane_size(path: object, width: int, height: int) -> None:
    """Refuse frames that are too large for memory.

    Raises:
        VideoDecodeError: Code `too_large`.
    """
    if width * height > MAX_PIXELS:
        found = (
            f"frames of {width}x{height} pixels, {3 * width * height / 1e9:.1f} GB each as RGB; "
            f"the limit is {MAX_PIXELS} pixels"
        )
        raise decode_error("too_large", path, found)


def blame_file(error: Exception) -> None:
    """Raise if `error` comes from PyAV's interface and not from a file.

    Raises:
        MissingDependencyError: Code `decoder_unsupported`.
    """
    from av.error import FFmpegError

    if isinstance(error, _API_ERRORS) and not isinstance(error, FFmpegError):
        raise MissingDependencyError(
            "decode with PyAV",
            found=f"PyAV {version('av')} refuses a call: {type(error).__name__}: {error}",
            where="package av",
            fix="install a version that lvbench supports: pip install 'av>=17,<20'; then run "
            "lvbench doctor",
            code="decoder_unsupported",
        ) from error


@contextmanager
def reading(path: object) -> Iterator[None]:
    """Turn the system's errors inside the block into errors with a code.

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
        raise decode_error("unreadable", path, f"the system reports: {error}") from error
